import { setTimeout as pause } from 'node:timers/promises';
import { orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';

/**
 * Does it stop running within `ms`? One waiting call, no polling.
 * @throws EngineFailure, or the reason of `signal`
 */
export async function endsWithin(engine: Wire, id: string, ms: number, signal?: AbortSignal): Promise<boolean> {
  if (ms <= 0) return false;
  const abort = new AbortController();
  const waited = waitWhileRunning(
    engine,
    id,
    signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal]),
  );
  const timer = pause(ms, 'late' as const, { signal: abort.signal }).catch(() => 'late' as const);
  try {
    const first = await Promise.race([waited, timer]);
    return first !== 'late';
  } finally {
    abort.abort();
    await Promise.allSettled([waited, timer]);
  }
}

async function waitWhileRunning(engine: Wire, id: string, signal: AbortSignal): Promise<'ended'> {
  const path = `/containers/${part(id)}/wait`;
  await orNothing(send(engine, { method: 'POST', path, query: { condition: 'not-running' }, kind: 'read', signal }));
  return 'ended';
}
