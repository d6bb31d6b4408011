// PostgreSQL refuses to run as root. As root it gets a user of its own.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServerFailure } from './server-failure.ts';

export const DATABASE_USER = 'dive-db';

export interface DatabaseUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function users(): DatabaseUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid, , home = '']) => ({ name, uid: Number(uid), gid: Number(gid), home }));
}

export function findUser(name: string): DatabaseUser | undefined {
  return users().find((u) => u.name === name);
}

function make(home: string): DatabaseUser {
  const args = ['--system', '--no-create-home', '--home-dir', home, '--shell', '/usr/sbin/nologin', DATABASE_USER];
  try {
    execFileSync('useradd', args, { stdio: 'pipe' });
  } catch (error) {
    // Two at once: the other one made it.
    if (!findUser(DATABASE_USER)) {
      throw new ServerFailure('DIVE-1006', `no user for PostgreSQL can be made: ${String(error)}`, [], {
        cause: error,
      });
    }
  }
  const made = findUser(DATABASE_USER);
  if (!made) throw new ServerFailure('DIVE-1006', `useradd made no user ${DATABASE_USER}`);
  return made;
}

/** Who owns what is there already, else a `postgres` of the system, else `dive-db`, made now. Undefined unless root. */
export function databaseUser(postgresFolder: string, dataFolder: string): DatabaseUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataFolder, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== 0) {
    const known = users().find((u) => u.uid === owner);
    if (known) return known;
  }
  return findUser(DATABASE_USER) ?? findUser('postgres') ?? make(postgresFolder);
}

/** @throws ServerFailure DIVE-1006 when a folder above keeps everybody but its owner out. */
export function assertReachable(folder: string, user: DatabaseUser): void {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const stat = statSync(at);
    const open = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
    if ((stat.mode & open) === 0) {
      throw new ServerFailure('DIVE-1006', `PostgreSQL, as user ${user.name}, cannot enter ${at}`, [
        'as root, set DIVE_HOME to a folder that others may pass through, like /var/lib/dive',
      ]);
    }
  }
}
