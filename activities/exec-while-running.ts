// A command inside a container that is paused or gone would keep us waiting for its whole time limit.
import { setTimeout as pause } from 'node:timers/promises';
import { type Engine } from '../adapters/docker/connect.ts';
import { type ExecOptions, execInContainer } from '../adapters/docker/exec.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import type { ExecAnswer } from '../schema/probe.ts';

const LOOK_EVERY_MS = 500;

/** As `execInContainer`, but ends within a second of the container's no longer running. */
export async function execWhileRunning(
  engine: Engine,
  id: string,
  argv: readonly string[],
  options: ExecOptions & { readonly signal: AbortSignal },
): Promise<ExecAnswer> {
  const answered = new AbortController();
  const stopped = new AbortController();
  const watching = stateOtherThanRunning(engine, id, AbortSignal.any([answered.signal, options.signal])).then(
    (kind) => {
      stopped.abort();
      return kind;
    },
    // The answer came first, or the command itself will hear what is wrong with the engine.
    () => undefined,
  );
  try {
    const signal = AbortSignal.any([stopped.signal, options.signal]);
    return await execInContainer(engine, id, argv, { ...options, signal });
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
