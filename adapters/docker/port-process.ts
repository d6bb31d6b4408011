// Which process of this machine listens on a TCP port: from /proc, as far as this user may look.
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface PortProcess {
  readonly pid: number;
  /** `node`, at most 15 characters: the kernel keeps no more. */
  readonly name: string;
}

const LISTENS = '0A';

/** undefined where it cannot be seen: another user's process, no /proc, or it is gone meanwhile. Never rejects. */
export async function processOnPort(port: number): Promise<PortProcess | undefined> {
  const inodes = new Set((await Promise.all(['tcp', 'tcp6'].map((kind) => listeners(kind, port)))).flat());
  if (inodes.size === 0) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await holdsOne(pid, inodes))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined);
    if (name !== undefined) return { pid: Number(pid), name: name.trim() };
  }
  return undefined;
}

/** Inodes of the sockets that listen on the port, on whatever address. */
async function listeners(kind: string, port: number): Promise<string[]> {
  const table = await readFile(`/proc/net/${kind}`, 'utf8').catch(() => '');
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === LISTENS && local.endsWith(wanted) && inode !== undefined ? [inode] : [];
  });
}

async function holdsOne(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return links.some((link) => inodes.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''));
}
