// A Docker engine of its own beside the machine's: own network namespace, own data root, own socket. What tests tag or
// break there touches nobody. It has no way out, so images are imported, not pulled.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';

const READY_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 20_000;

export interface SecondEngine {
  /** Path of the Unix socket; `DOCKER_HOST=unix://<socket>`. */
  readonly socket: string;
  readonly pid: number;
  /** Stops it by SIGTERM and removes everything it wrote. */
  stop(): Promise<void>;
}

/**
 * `dataMb`: size of a file system of its own, in memory, for its data root; without it that is a folder like any other.
 * @throws Error with the end of its log when the engine does not answer within 30 s; needs root and dockerd
 */
export async function startSecondEngine(options: { readonly dataMb?: number } = {}): Promise<SecondEngine> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dive-engine-'));
  const at = (name: string): string => path.join(folder, name);
  // An empty configuration keeps it from reading the machine's own.
  await writeFile(at('engine.json'), '{}');
  await mkdir(at('data'));
  if (options.dataMb !== undefined) mount(at('data'), options.dataMb);
  const command =
    `ip link set lo up; exec dockerd --config-file ${at('engine.json')} --data-root ${at('data')} ` +
    `--exec-root ${at('exec')} --pidfile ${at('pid')} -H unix://${at('sock')} >${at('log')} 2>&1`;
  const child = spawn('unshare', ['-n', 'sh', '-c', command], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  ended.catch(() => undefined);
  const { pid } = child;
  if (pid === undefined) throw new Error('unshare cannot be run; it is part of util-linux');
  const killOnExit = (): boolean => child.kill('SIGTERM');
  process.once('exit', killOnExit);

  const stop = async (): Promise<void> => {
    process.off('exit', killOnExit);
    child.kill('SIGTERM');
    await Promise.race([ended, pause(STOP_DEADLINE_MS, undefined, { ref: false })]);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    if (options.dataMb !== undefined) execFileSync('umount', ['--recursive', at('data')]);
    await rm(folder, { recursive: true, force: true });
  };
  const docker = new Docker({ socketPath: at('sock') });
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    if (
      await docker.ping().then(
        () => true,
        () => false,
      )
    )
      return { socket: at('sock'), pid, stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      const log = await readFile(at('log'), 'utf8').catch(() => '');
      await stop();
      throw new Error(`the second engine does not answer: ${log.slice(-2000)}`);
    }
    // It keeps the process alive: where the engine ended there is nothing else, and a comparison would end as if well.
    await pause(50);
  }
}

function mount(folder: string, megabytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
}
