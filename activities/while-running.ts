// Asking inside a container that is paused or gone would keep us waiting for the question's whole time limit.
import { setTimeout as pause } from 'node:timers/promises';
import { type Engine } from '../adapters/docker/connect.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import type { ExecAnswer } from '../schema/probe.ts';

const LOOK_EVERY_MS = 500;

/**
 * What `ask` answers; within a second of the container's no longer running, that. `ask` is then told by its signal.
 * @throws what `ask` throws, or the reason of `signal`
 */
export async function whileRunning(
  engine: Engine,
  id: string,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<ExecAnswer>,
): Promise<ExecAnswer> {
  const answered = new AbortController();
  const stopped = new AbortController();
  const watching = stateOtherThanRunning(engine, id, AbortSignal.any([answered.signal, signal])).then(
    (kind) => {
      stopped.abort();
      return kind;
    },
    // The answer came first, or the question itself will hear what is wrong with the engine.
    () => undefined,
  );
  try {
    return await ask(AbortSignal.any([stopped.signal, signal]));
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    return { kind: (await watching) ?? 'not-running' };
  } finally {
    answered.abort();
  }
}

async function stateOtherThanRunning(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<'paused' | 'not-running' | 'gone'> {
  for (;;) {
    await pause(LOOK_EVERY_MS, undefined, { signal });
    const container = await inspectContainer(engine, id, signal);
    if (container === undefined) return 'gone';
    if (container.state !== 'running') return container.state === 'paused' ? 'paused' : 'not-running';
  }
}
