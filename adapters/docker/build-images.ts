// `docker compose build`: the official builder with all its keys. It stands here so that every change is counted.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { EngineFailure } from './engine-failure.ts';
import type { Wire } from './request.ts';

export interface BuildRequest {
  /** Everything before `build`: `docker compose --project-directory … -f … -p …`. */
  readonly composeCommand: readonly string[];
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  readonly services: readonly string[];
  /** Last line printed; not masked. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const KEPT_LINES = 30;

/**
 * Builds the images of the services; one mutating call.
 * @throws EngineFailure DIVE-1209 with the last 30 lines, DIVE-1605 (no such command), or the signal's reason
 */
export async function buildImages(engine: Wire, request: BuildRequest): Promise<void> {
  request.signal?.throwIfAborted();
  const [command, ...args] = request.composeCommand;
  if (command === undefined) throw new RangeError('composeCommand is empty');
  engine.counts.mutate += 1;
  const child = spawn(command, [...args, '--progress', 'plain', 'build', ...request.services], {
    cwd: request.cwd,
    env: request.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: `docker` runs the plugin as a child, which must end with it.
    detached: true,
  });
  const lines: string[] = [];
  const take = (line: string): void => {
    const clean = stripVTControlCharacters(line).trimEnd();
    if (clean === '') return;
    lines.push(clean);
    if (lines.length > KEPT_LINES) lines.shift();
    request.onProgress?.(clean);
  };
  createInterface({ input: child.stdout }).on('line', take);
  createInterface({ input: child.stderr }).on('line', take);
  const stop = (): void => endGroup(child);
  request.signal?.addEventListener('abort', stop, { once: true });
  try {
    const code = await exitOf(child, command);
    request.signal?.throwIfAborted();
    if (code === 0) return;
    const what = `the build of ${request.services.join(', ')} failed (exit ${code ?? 'by a signal'})`;
    throw new EngineFailure('DIVE-1209', what, { lines });
  } finally {
    request.signal?.removeEventListener('abort', stop);
  }
}

function exitOf(child: ChildProcess, command: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new EngineFailure('DIVE-1605', `${command} cannot be run: ${error.message}`, { cause: error })),
    );
    child.once('close', resolve);
  });
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended by itself in this very moment.
  }
}
