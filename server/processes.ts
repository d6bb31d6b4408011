// Other processes, told apart by their command line: numbers are used again.
import { existsSync, readFileSync } from 'node:fs';

/** Is there a process of this number whose command line holds all of these words? */
export function isProcess(pid: number, words: readonly string[]): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // Without /proc (macOS) the number alone must do.
  if (!existsSync('/proc/self/cmdline')) return true;
  try {
    // A zombie has an empty command line: it is gone.
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line !== '' && words.every((w) => line.includes(w));
  } catch {
    return false;
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone already
  }
}

export async function wait(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms));
}

/** Polls until `ask` gives something; undefined when `timeoutMs` is over. */
export async function poll<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
  everyMs = 20,
): Promise<T | undefined> {
  for (const end = Date.now() + timeoutMs; ;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() >= end) return undefined;
    await wait(everyMs);
  }
}

/** Asks a process to end, and kills it when it has not after `graceMs`. Does nothing to a stranger. */
export async function endProcess(
  pid: number,
  words: readonly string[],
  graceMs = 10_000,
  first: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  if (!isProcess(pid, words)) return;
  signal(pid, first);
  const gone = (): true | undefined => (isProcess(pid, words) ? undefined : true);
  if (await poll(gone, graceMs)) return;
  signal(pid, 'SIGKILL');
  await poll(gone, 2_000);
}
