// Stopping without holding the fence for long: a fenced signal, an unfenced wait, a fenced SIGKILL (design §6).
import { Semaphore } from 'async-mutex';
import { refuseNewer, type Change } from './change.ts';
import { answered, EngineFailure } from './engine-failure.ts';
import { inspectContainer, orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';
import { endsWithin } from './wait-container.ts';

/** After SIGKILL the engine needs a moment; more than this means that it is stuck. */
const KILL_WAIT_MS = 10_000;

/**
 * So many end at the same moment. Where dozens do, Docker counts wrong how many are attached to their network, and
 * that network cannot be removed until the engine is started anew (moby#17217, #42119). Ending costs the engine
 * processor time; more at once are not sooner gone.
 */
const ending = new Semaphore(4);
/** Most that end on a signal do within this time; others are waited for without keeping the next one. */
const AT_ONCE_MS = 300;

export type Stopped = 'was-stopped' | 'stopped' | 'killed' | 'gone';

/**
 * Stops a container with its own stop signal, and by SIGKILL after `timeoutS` seconds. No restart policy brings it
 * back. @returns how it ended
 * @throws EngineFailure DIVE-1506 (made by a newer operation), DIVE-1201 (not even SIGKILL helps), what `guard`
 * throws, or the reason of `change.signal`
 */
export async function stopContainer(
  engine: Wire,
  change: Change,
  id: string,
  options: { timeoutS: number },
): Promise<Stopped> {
  const found = await inspectContainer(engine, id);
  if (found === undefined) return 'gone';
  refuseNewer(change, found.name, found.labels);
  if (found.state !== 'running' && found.state !== 'paused' && found.state !== 'restarting') return 'was-stopped';
  if (await endsBy(engine, change, found.id, found.stopSignal, options.timeoutS * 1000)) return 'stopped';
  if (await endsBy(engine, change, found.id, 'SIGKILL', KILL_WAIT_MS)) return 'killed';
  throw new EngineFailure('DIVE-1201', `${found.name} still runs ${KILL_WAIT_MS / 1000} s after SIGKILL`);
}

/** Sends the signal; does the container stop running within `ms`? */
async function endsBy(engine: Wire, change: Change, id: string, signal: string, ms: number): Promise<boolean> {
  const firstMs = Math.min(ms, AT_ONCE_MS);
  const atOnce = await ending.runExclusive(async () => {
    await kill(engine, change, id, signal);
    return endsWithin(engine, id, firstMs, change.signal);
  });
  return atOnce || endsWithin(engine, id, ms - firstMs, change.signal);
}

/** Not running (409) and gone (404) are what was wanted. */
async function kill(engine: Wire, change: Change, id: string, signal: string): Promise<void> {
  try {
    await change.guard(() =>
      orNothing(send(engine, { method: 'POST', path: `/containers/${part(id)}/kill`, query: { signal } })),
    );
  } catch (error) {
    if (!answered(error, 409)) throw error;
  }
}
