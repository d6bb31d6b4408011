// One starter at a time: a file with its owner's number, made whole by a hard link.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isProcess } from './processes.ts';

function ownerOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Takes away a lock whose owner is gone. One that was taken anew in between is put back. */
function removeStale(file: string, owner: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (ownerOf(aside) !== owner) link(aside, file);
  rmSync(aside, { force: true });
}

/** Gives the function that releases the lock, or undefined when a living process holds it. Does not wait. */
export function tryLock(file: string): (() => void) | undefined {
  const owner = ownerOf(file);
  if (owner !== undefined) {
    if (Number(owner) > 0 && isProcess(Number(owner), [])) return undefined;
    removeStale(file, owner);
  }
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid), { mode: 0o600 });
  try {
    if (!link(mine, file)) return undefined;
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (ownerOf(file) === String(process.pid)) rmSync(file, { force: true });
  };
}
