// Logs of the supervisor and its children under DIVE_HOME/logs.
import { appendFileSync, closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { homePaths } from './home.ts';

// One old file is kept, so a log takes at most twice this.
const MAX_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 8_000;

export function logFile(home: string, name: string): string {
  return join(homePaths(home).logs, `${name}.log`);
}

/** Opens a log to append to; one that grew too long is put aside first. The caller closes it. */
export function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

export function writeLog(file: string, line: string): void {
  appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
}

/** The last lines of a log, oldest first; none when there is no log. */
export function lastLines(file: string, count: number): string[] {
  try {
    const fd = openSync(file, 'r');
    try {
      const size = fstatSync(fd).size;
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString('utf8').trim().split('\n').slice(-count);
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}
