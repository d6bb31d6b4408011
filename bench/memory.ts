// Memory as PSS: pages that several processes share are counted once among them.
import { readFileSync, readdirSync } from 'node:fs';
import { mustExecute } from './execute.ts';
import { readAddressFile } from '../server/address-file.ts';

/** MiB of all processes in the containers of a Compose project. */
export async function projectPssMb(project: string): Promise<number> {
  const ids = await words(['docker', 'ps', '-q', '--filter', `label=com.docker.compose.project=${project}`]);
  const pids = await Promise.all(ids.map(async (id) => (await words(['docker', 'top', id, '-eo', 'pid'])).slice(1)));
  return pssMb(pids.flat().map(Number));
}

/** MiB of the server in the background with all it started. @throws Error when none runs in `home` */
export function serverPssMb(home: string): number {
  const server = readAddressFile(home);
  if (server === undefined) throw new Error(`no server runs in ${home}`);
  return pssMb(withDescendants(server.pid));
}

async function words(argv: readonly string[]): Promise<string[]> {
  return (await mustExecute(argv)).stdout.split(/\s+/).filter((word) => word !== '');
}

/** A process that ended meanwhile has none. */
function pssMb(pids: readonly number[]): number {
  const kb = pids.map((pid) => {
    try {
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return Math.round(kb.reduce((sum, one) => sum + one, 0) / 1024);
}

function withDescendants(root: number): number[] {
  const parents = readdirSync('/proc').flatMap((name): [number, number][] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // After the last ")": state, parent. The name before it may hold anything.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
    } catch {
      return [];
    }
  });
  const found = [root];
  for (const pid of found) found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}
