// Commands inside containers, once each: three calls to the engine.
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecAnswer } from '../../schema/probe.ts';
import { Created, ExecInspected, readAnswer } from './answers.ts';
import { collect, demux } from './demux.ts';
import { EngineFailure } from './engine-failure.ts';
import { takeTurn } from './exec-turns.ts';
import { part, send, sendForStream, type Wire } from './request.ts';

const MAX_OUTPUT = 4096;

export interface ExecOptions {
  /** Counted from the moment it may run, not from the moment it waits for its turn. */
  readonly timeoutMs: number;
  /** Added to the container's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `argv` as the container's user and gives both output streams together, cut at 4 KB.
 * A command that is not there exits 126 or 127. @throws EngineFailure DIVE-1601 …, or the signal's reason
 */
export async function execInContainer(
  engine: Wire,
  id: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecAnswer> {
  try {
    return await takeTurn(() => exec(engine, id, argv, options));
  } catch (error) {
    const state = stateOf(error);
    if (state === undefined) throw error;
    return { kind: state };
  }
}

async function exec(engine: Wire, id: string, argv: readonly string[], options: ExecOptions): Promise<ExecAnswer> {
  options.signal?.throwIfAborted();
  const env = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`);
  const body = { AttachStdout: true, AttachStderr: true, Cmd: argv, ...(env.length === 0 ? {} : { Env: env }) };
  const created = await send(engine, { method: 'POST', path: `/containers/${part(id)}/exec`, body, kind: 'exec' });
  const path = `/exec/${readAnswer(Created, created).Id}`;
  const late = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
  const start = {
    method: 'POST' as const,
    path: `${path}/start`,
    body: { Detach: false, Tty: false },
    kind: 'exec' as const,
  };
  let output: string;
  try {
    const stream = await sendForStream(engine, { ...start, signal });
    // Twice the limit before the frames are taken off; a tail of noise changes no answer.
    const whole = demux(await collect(stream, 2 * MAX_OUTPUT));
    output = whole.length <= MAX_OUTPUT ? whole : `${whole.slice(0, MAX_OUTPUT - 1)}…`;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (late.aborted) return { kind: 'timed-out', output: '' };
    throw error;
  }
  // An aborted stream may also just end.
  options.signal?.throwIfAborted();
  if (late.aborted) return { kind: 'timed-out', output };
  const exitCode = await exitCodeOf(engine, path, late);
  return exitCode === undefined ? { kind: 'timed-out', output } : { kind: 'exited', exitCode, output };
}

/** The stream may end a moment before the engine knows the exit code. */
async function exitCodeOf(engine: Wire, path: string, late: AbortSignal): Promise<number | undefined> {
  for (;;) {
    const answer = await send(engine, { method: 'GET', path: `${path}/json`, kind: 'exec' });
    const found = readAnswer(ExecInspected, answer);
    if (!found.Running && found.ExitCode !== null && found.ExitCode !== undefined) return found.ExitCode;
    if (late.aborted) return undefined;
    await pause(10);
  }
}

function stateOf(error: unknown): 'paused' | 'not-running' | 'gone' | undefined {
  if (!(error instanceof EngineFailure)) return undefined;
  if (error.code === 'DIVE-1206') return 'paused';
  if (error.status === 404) return 'gone';
  return /is not running|is restarting|stopped (state|container)/i.test(error.message) ? 'not-running' : undefined;
}
