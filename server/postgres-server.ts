// The embedded PostgreSQL as a child.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { childEnvironment } from './config.ts';
import { assertReachable, databaseUser } from './database-user.ts';
import type { DatabaseUser } from './database-user.ts';
import { homePaths, secretFile } from './home.ts';
import { logFile } from './log-file.ts';
import { LOOPBACK } from './ports.ts';
import { bringPostgres } from './postgres-binaries.ts';
import { endProcess, isProcess, poll } from './processes.ts';
import { ServerFailure } from './server-failure.ts';
import type { ChildSpec } from './supervised-child.ts';

const run = promisify(execFile);
const DATABASE = 'dive';
const ROLE = 'dive';

/** Words that tell this server's process from others. */
export function postgresWords(home: string): string[] {
  return ['postgres', homePaths(home).postgresData];
}

function environment(): NodeJS.ProcessEnv {
  return childEnvironment(/^(PG|LC_|LANG)/, { LC_ALL: 'C.UTF-8' });
}

/** `postgres://…` on the given port. */
export function databaseUrl(home: string, port: number): string {
  const password = secretFile(homePaths(home).postgresPassword);
  return `postgres://${ROLE}:${password}@${LOOPBACK}:${port}/${DATABASE}`;
}

async function initialise(home: string, binaries: string, user: DatabaseUser | undefined): Promise<void> {
  const paths = homePaths(home);
  // Made beside and renamed: an interrupted initdb leaves nothing that looks like a database.
  const scratch = `${paths.postgresData}.new`;
  const passwordFile = join(paths.postgres, '.password');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  await writeFile(passwordFile, secretFile(paths.postgresPassword), { mode: 0o600 });
  if (user) for (const made of [scratch, passwordFile]) await chown(made, user.uid, user.gid);
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  const options = { ...identity, env: environment(), cwd: paths.postgres };
  try {
    await run(
      join(binaries, 'bin', 'initdb'),
      [
        `--pgdata=${scratch}`,
        `--username=${ROLE}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-sync',
      ],
      options,
    );
  } catch (error) {
    throw new ServerFailure('DIVE-1602', 'PostgreSQL cannot make its database', String(error).split('\n').slice(-6), {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  renameSync(scratch, paths.postgresData);
}

/** A data folder of another major version cannot be read; say so instead of letting the server die again and again. */
async function assertVersion(data: string, binaries: string): Promise<void> {
  const has = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const [bin] = (await readdir(join(binaries, '..'))).filter((f) => binaries.endsWith(f));
  const needs = bin?.match(/^bin-(\d+)/)?.[1];
  if (needs !== undefined && needs !== has) {
    throw new ServerFailure('DIVE-1602', `the database in ${data} is of PostgreSQL ${has}; this dive brings ${needs}`, [
      'dive server purge starts anew and forgets what was deployed',
    ]);
  }
}

/** Brings the programs and the data folder; cheap when both are there. */
export async function preparePostgres(home: string): Promise<{ binaries: string; user: DatabaseUser | undefined }> {
  const paths = homePaths(home);
  await mkdir(paths.postgres, { recursive: true, mode: 0o755 });
  const user = databaseUser(paths.postgres, paths.postgresData);
  if (user) assertReachable(paths.postgres, user);
  const binaries = await bringPostgres(paths.postgres);
  if (existsSync(paths.postgresData)) await assertVersion(paths.postgresData, binaries);
  else await initialise(home, binaries, user);
  return { binaries, user };
}

/** A pid file left by a kill -9: PostgreSQL refuses to start when its number belongs to somebody, whoever that is. */
async function clearPidFile(home: string): Promise<void> {
  const file = join(homePaths(home).postgresData, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const words = postgresWords(home);
  if (pid > 0 && isProcess(pid, words)) await endProcess(pid, words, 10_000, 'SIGINT');
  else await rm(file, { force: true });
}

export function postgresChild(
  home: string,
  port: number,
  prepared: { binaries: string; user: DatabaseUser | undefined },
): ChildSpec {
  const data = homePaths(home).postgresData;
  return {
    command: join(prepared.binaries, 'bin', 'postgres'),
    args: [
      '-D',
      data,
      `--port=${port}`,
      `--listen_addresses=${LOOPBACK}`,
      '--unix_socket_directories=',
      '--shared_buffers=32MB',
      '--max_connections=100',
      '--log_min_messages=warning',
    ],
    env: environment(),
    cwd: homePaths(home).postgres,
    logFile: logFile(home, 'postgres'),
    ...(prepared.user ? { uid: prepared.user.uid, gid: prepared.user.gid } : {}),
    stopSignal: 'SIGINT',
    channel: false,
    prepare: () => clearPidFile(home),
  };
}

/** Loaded by whoever asks the database: a tenth of a second that the command does not have. */
async function clientFor(url: string): Promise<Client> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // An error after the connection was lost has no other reader.
  client.on('error', () => {});
  return client;
}

async function connects(url: string): Promise<true | undefined> {
  const client = await clientFor(url);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '3D000') await createDatabase(url);
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = await clientFor(url.replace(/\/[^/]+$/, '/postgres'));
  await client.connect();
  try {
    await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** Waits until the database accepts, making it when it is new. False when `timeoutMs` is over. */
export async function databaseAnswers(url: string, timeoutMs: number): Promise<boolean> {
  return (await poll(() => connects(url), timeoutMs)) === true;
}
