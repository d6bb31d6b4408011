// One line of `dive doctor`.
import { execFile } from 'node:child_process';

/** missing: something that is needed is not there; warning: it works, and somebody should look. */
export type CheckState = 'ok' | 'warning' | 'missing';

export interface Check {
  /** Stable: what a script looks for. */
  readonly id: string;
  readonly title: string;
  readonly state: CheckState;
  readonly value: string;
  /** What to type. */
  readonly next?: string;
  /** What `--fix` does about it. */
  readonly fix?: Fix;
}

/** tools: the set-up; key: its mode; server: ended, with what is left of it, and started again. */
export type Fix = 'tools' | 'key' | 'server';

/** No question of the doctor may take longer: all are asked at once, and the whole is quick. */
export const WITHIN_MS = 1_500;

/** What it answers, or the Error of it; one too that nothing came in time. Never rejects. */
export async function within<T>(work: Promise<T>, ms = WITHIN_MS): Promise<T | Error> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  const answer = work.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** First line of a program's output; the Error of it when it cannot be run, fails or takes too long. */
export function firstLine(command: string, args: readonly string[]): Promise<string | Error> {
  return within(
    new Promise((resolve, reject) => {
      execFile(command, [...args], { timeout: WITHIN_MS }, (error, stdout) =>
        error === null ? resolve(stdout.split('\n')[0]?.trim() ?? '') : reject(error),
      );
    }),
  );
}
