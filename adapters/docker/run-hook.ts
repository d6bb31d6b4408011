// `post_start` and `pre_stop`: commands inside a container that the Compose client, so here dive, runs.
import { setTimeout as pause } from 'node:timers/promises';
import type { Hook } from '../../schema/spec.ts';
import { Created, ExecInspected, readAnswer } from './answers.ts';
import type { Change } from './change.ts';
import { collect, demux } from './demux.ts';
import { EngineFailure } from './engine-failure.ts';
import { part, send, sendForStream, type Wire } from './request.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;
const LINES = 10;

export interface HookRun {
  readonly hook: Hook;
  /** For failures: `post_start 1 of web`. */
  readonly name: string;
  readonly timeoutMs: number;
}

/**
 * Runs the command to its end; only its begin holds the fence.
 * @throws EngineFailure DIVE-1201 (another exit code than 0, or not ended in time) with its last lines, DIVE-1207 (the
 * container is gone), or what `guard` throws
 */
export async function runHook(engine: Wire, change: Change, id: string, run: HookRun): Promise<void> {
  const { hook, name, timeoutMs } = run;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = change.signal === undefined ? late : AbortSignal.any([late, change.signal]);
  const body = {
    AttachStdout: true,
    AttachStderr: true,
    Cmd: hook.command,
    Env: hook.environment,
    User: hook.user ?? '',
    WorkingDir: hook.workingDir ?? '',
    Privileged: hook.privileged,
  };
  let output = '';
  try {
    const { path, stream } = await change.guard(async () => {
      const call = { method: 'POST' as const, path: `/containers/${part(id)}/exec`, body, signal };
      const begun = `/exec/${readAnswer(Created, await send(engine, call)).Id}`;
      const start = { method: 'POST' as const, path: `${begun}/start`, body: { Detach: false, Tty: false }, signal };
      return { path: begun, stream: await sendForStream(engine, start) };
    });
    output = demux(await collect(stream, MAX_OUTPUT_BYTES));
    signal.throwIfAborted();
    const exitCode = await exitCodeOf(engine, path, signal);
    if (exitCode !== 0) throw failed(`${name} exited ${exitCode}`, output);
  } catch (error) {
    change.signal?.throwIfAborted();
    if (late.aborted) throw failed(`${name} did not end within ${Math.round(timeoutMs / 1000)} s`, output);
    throw error;
  }
}

/** The stream may end a moment before the engine knows the exit code. */
async function exitCodeOf(engine: Wire, path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const ended = readAnswer(ExecInspected, await send(engine, { method: 'GET', path: `${path}/json`, signal }));
    if (!ended.Running && ended.ExitCode !== null && ended.ExitCode !== undefined) return ended.ExitCode;
    await pause(10, undefined, { signal });
  }
}

function failed(what: string, output: string): EngineFailure {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return new EngineFailure('DIVE-1201', what, { lines: lines.slice(-LINES) });
}
