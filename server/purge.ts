// Removes all that the embedded server and the set-up made for this user.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync, rmdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { ServerConfig } from './config.ts';
import { serverConfig } from './config.ts';
import { DATABASE_USER, findUser } from './database-user.ts';
import { homePaths } from './home.ts';
import { stopServer } from './stop.ts';

export interface PurgeEntry {
  /** For a person: what it is. */
  readonly what: string;
  /** A path, or the name of a system user. */
  readonly name: string;
  readonly bytes?: number;
}

const MEANING: Record<string, string> = {
  'server.json': 'addresses and ports',
  key: 'the key that stored specs and checkpoints are encrypted with',
  postgres: 'PostgreSQL: its programs and what dive knows of every instance',
  'postgres.secret': 'the password of the database',
  temporal: 'Temporal: every operation and its history',
  logs: 'logs',
  tools: 'Temporal CLI, Compose plugin',
};
const LEFTOVER = /^(server\.lock|server\.json\.|setup\.lock)/;

function bytesOf(file: string): number {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  return readdirSync(file).reduce((sum, name) => sum + bytesOf(join(file, name)), 0);
}

function homeEntries(home: string): PurgeEntry[] {
  if (!existsSync(home)) return [];
  // Only names that are ours: DIVE_HOME may be a folder that holds more.
  return readdirSync(home).flatMap((name) => {
    const what = MEANING[name] ?? (LEFTOVER.test(name) ? 'left by an interrupted start' : undefined);
    return what === undefined ? [] : [{ what, name: join(home, name), bytes: bytesOf(join(home, name)) }];
  });
}

/**
 * The link that lets the docker command find the Compose plugin we brought; only if it is ours and the plugin goes too.
 * Tools that lie elsewhere (DIVE_TOOLS) serve other homes: they stay, and so does what leads to them.
 */
function pluginLink(config: ServerConfig): PurgeEntry[] {
  if (!config.tools.startsWith(config.home + sep)) return [];
  const file = join(config.dockerConfig, 'cli-plugins', 'docker-compose');
  const ours =
    lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true &&
    readlinkSync(file).startsWith(config.tools + sep);
  return ours ? [{ what: 'link to the Compose plugin', name: file }] : [];
}

/** The user PostgreSQL runs as, only if it was made for this home. */
function madeUser(home: string): PurgeEntry[] {
  if (process.getuid?.() !== 0 || findUser(DATABASE_USER)?.home !== homePaths(home).postgres) return [];
  return [{ what: 'system user of PostgreSQL', name: DATABASE_USER }];
}

/** All that would be removed, in that order. Containers, volumes and Debian packages are never among it. */
export function listMade(config: ServerConfig = serverConfig()): PurgeEntry[] {
  return [...pluginLink(config), ...homeEntries(config.home), ...madeUser(config.home)];
}

function removeEntry(entry: PurgeEntry): void {
  // By force: PostgreSQL has ended, but a container may have processes of the same number.
  if (entry.name === DATABASE_USER) execFileSync('userdel', ['--force', DATABASE_USER], { stdio: 'pipe' });
  else rmSync(entry.name, { recursive: true, force: true });
}

export interface PurgeOptions {
  readonly config?: ServerConfig;
  /** Gets the list before anything is removed; `false` keeps all. */
  readonly list: (entries: readonly PurgeEntry[]) => boolean | Promise<boolean>;
  readonly onProgress?: (line: string) => void;
}

/** Lists, and when `list` agrees stops the server and removes what was listed. Gives what was removed. */
export async function purgeServer(options: PurgeOptions): Promise<PurgeEntry[]> {
  const config = options.config ?? serverConfig();
  const listed = listMade(config);
  if (listed.length === 0 || !(await options.list(listed))) return [];
  await stopServer({ config, ...(options.onProgress ? { onProgress: options.onProgress } : {}) });
  // Stopping may have written to it again.
  const all = listMade(config);
  for (const entry of all) {
    options.onProgress?.(`removing ${entry.name}`);
    removeEntry(entry);
  }
  if (existsSync(config.home) && readdirSync(config.home).length === 0) rmdirSync(config.home);
  return all;
}
