// Where everything of the embedded server lies.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServerFailure } from './server-failure.ts';

export interface HomePaths {
  readonly home: string;
  readonly address: string;
  readonly lock: string;
  readonly logs: string;
  readonly temporalDatabase: string;
  readonly postgres: string;
  readonly postgresData: string;
  readonly postgresPassword: string;
}

export function homePaths(home: string): HomePaths {
  return {
    home,
    address: join(home, 'server.json'),
    lock: join(home, 'server.lock'),
    logs: join(home, 'logs'),
    temporalDatabase: join(home, 'temporal', 'temporal.db'),
    postgres: join(home, 'postgres'),
    postgresData: join(home, 'postgres', 'data'),
    postgresPassword: join(home, 'postgres.secret'),
  };
}

/**
 * Makes the home for its owner alone. As root others may pass through it (not look around), because PostgreSQL runs as
 * a user of its own and its folder is inside.
 */
export function makeHome(home: string): void {
  const root = process.getuid?.() === 0;
  mkdirSync(home, { recursive: true });
  const mode = root ? 0o711 : 0o700;
  if ((statSync(home).mode & 0o777) !== mode) chmodSync(home, mode);
  const paths = homePaths(home);
  for (const own of [paths.logs, dirname(paths.temporalDatabase)]) mkdirSync(own, { recursive: true, mode: 0o700 });
}

/** Writes a file whole or not at all, readable by its owner only. */
export function writePrivate(file: string, text: string): void {
  const scratch = `${file}.${process.pid}.new`;
  writeFileSync(scratch, text, { mode: 0o600 });
  renameSync(scratch, file);
}

/** The text of a secret file, made of 32 random bytes in hex on first use. Two makers at once agree on one. */
export function secretFile(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if (!existsSync(file)) throw new ServerFailure('DIVE-1006', `${file} cannot be made`, [], { cause: error });
    }
  }
  return readFileSync(file, 'utf8').trim();
}
