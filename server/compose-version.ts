// Which version Compose is of. Asking is a process of its own each time, so the answer is kept for that very file.
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { ServerConfig } from './config.ts';

type Where = Pick<ServerConfig, 'home'>;

/** As it was learnt from the very program `command` names; undefined when it was never asked, or is another by now. */
export function knownComposeVersion({ home }: Where, command: readonly string[]): string | undefined {
  try {
    const [program, version] = readFileSync(file(home), 'utf8').split('\n');
    return program !== undefined && program === identity(command) ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps it where there is a home already; `docker compose` is two programs, of which one is not known. */
export function keepComposeVersion({ home }: Where, command: readonly string[], version: string): void {
  const program = identity(command);
  if (program === undefined || version === '' || !existsSync(home)) return;
  const fresh = `${file(home)}.${process.pid}`;
  writeFileSync(fresh, `${program}\n${version}\n`);
  renameSync(fresh, file(home));
}

const file = (home: string): string => join(home, 'compose-version');

/** Another program at the same place has another size or date. */
function identity(command: readonly string[]): string | undefined {
  const [program, ...more] = command;
  if (program === undefined || more.length > 0 || !isAbsolute(program)) return undefined;
  const { size, mtimeMs, ino } = statSync(program);
  return `${program} ${size} ${mtimeMs} ${ino}`;
}
