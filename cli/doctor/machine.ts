// What the machine itself gives: Node.js, memory, room for our state, the key, the tools.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { dirname } from 'node:path';
import { readKey } from '../../adapters/store/encryption.ts';
import type { ServerConfig } from '../../server/config.ts';
import { findTemporalCli } from '../../server/temporal-server.ts';
import { composeCommand } from '../../server/worker-process.ts';
import { bytes } from '../output/durations.ts';
import { type Check, firstLine } from './check.ts';

const LEAST_NODE = [20, 19] as const;
/** The idle server needs about this much. */
const LEAST_MEMORY_BYTES = 450e6;
const LEAST_HOME_BYTES = 500e6;
const FIX = 'dive doctor --fix';

export function checkNode(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const base = { id: 'node', title: 'Node.js' };
  return isEnough
    ? { ...base, state: 'ok', value: version }
    : {
        ...base,
        state: 'missing',
        value: `${version}, ${LEAST_NODE.join('.')} is needed`,
        next: 'install a newer one',
      };
}

export function checkMemory(): Check {
  const free = availableBytes();
  const value = `${bytes(free)} available, ${availableParallelism()} cores`;
  const base = { id: 'memory', title: 'Memory', value };
  return free >= LEAST_MEMORY_BYTES
    ? { ...base, state: 'ok' }
    : { ...base, state: 'warning', next: 'end what is not needed: docker stats shows who uses how much' };
}

/** Linux counts what caches hold as available, `os.freemem` does not. */
function availableBytes(): number {
  try {
    const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return found === undefined ? freemem() : Number(found) * 1024;
  } catch {
    return freemem();
  }
}

export async function checkHome(home: string): Promise<Check> {
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const base = { id: 'home', title: 'State', value: `${home}, ${bytes(free)} free` };
  return free >= LEAST_HOME_BYTES
    ? { ...base, state: 'ok' }
    : { ...base, state: 'missing', next: 'make room there, or name another folder: DIVE_HOME' };
}

export function checkKey(config: ServerConfig): Check {
  const file = config.keyFile;
  const base = { id: 'key', title: 'Key file' };
  if (!existsSync(file)) return { ...base, state: 'ok', value: `none yet; made on first use: ${file}` };
  try {
    readKey(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...base, state: 'missing', value: `${file}: ${why}`, next: 'put the right one back from a copy' };
  }
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    const value = `${file} can be read by others (${mode.toString(8)})`;
    return { ...base, state: 'warning', value, next: `chmod 600 ${file}`, fix: 'key' };
  }
  return { ...base, state: 'ok', value: file };
}

export async function checkCompose(config: ServerConfig): Promise<Check> {
  const [command = 'docker', ...args] = composeCommand(config);
  const said = await firstLine(command, [...args, 'version', '--short']);
  const base = { id: 'compose', title: 'Compose' };
  if (!(said instanceof Error)) return { ...base, state: 'ok', value: said };
  const value = `${[command, ...args].join(' ')} does not run`;
  return config.compose === undefined
    ? { ...base, state: 'missing', value, next: FIX, fix: 'tools' }
    : { ...base, state: 'missing', value, next: 'correct DIVE_COMPOSE, or unset it' };
}

export async function checkTemporalCli(config: ServerConfig): Promise<Check> {
  const base = { id: 'temporal-cli', title: 'Temporal CLI' };
  const cli = findTemporalCli(config);
  const said = cli === undefined ? new Error('there is none') : await firstLine(cli, ['--version']);
  if (!(said instanceof Error)) return { ...base, state: 'ok', value: `${/\d+\.\d+\.\d+/.exec(said)?.[0] ?? said}` };
  if (config.temporalAddress !== undefined) return { ...base, state: 'ok', value: 'none; TEMPORAL_ADDRESS needs none' };
  const named = config.temporalCli;
  if (named !== undefined) {
    const value = `${named} does not run`;
    return { ...base, state: 'missing', value, next: 'correct TEMPORAL_CLI, or unset it' };
  }
  const value = cli === undefined ? 'there is none' : `${cli} does not run`;
  return { ...base, state: 'missing', value, next: FIX, fix: 'tools' };
}
