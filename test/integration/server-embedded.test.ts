// The embedded server as it is: its own processes, killed in every way that leaves something behind.
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { readAddressFile, writeAddressFile } from '../../server/address-file.ts';
import type { ServerAddress } from '../../server/address-file.ts';
import type { ServerConfig } from '../../server/config.ts';
import { serverConfig } from '../../server/config.ts';
import { ensureServer, purgeServer, readServerAddress, serverStatus, stopServer } from '../../server/embedded.ts';
import { homePaths } from '../../server/home.ts';
import { isProcess, poll, signal } from '../../server/processes.ts';

jest.setTimeout(90_000);

const EMBEDDED = resolve(__dirname, '..', '..', 'dist', 'server', 'embedded.js');
let config: ServerConfig;

beforeEach(async () => {
  const home = mkdtempSync(join(tmpdir(), 'dive-server-'));
  await chmod(home, 0o711);
  config = { ...serverConfig(), home, keyFile: join(home, 'key') };
});
afterEach(async () => {
  await stopServer({ config });
  rmSync(config.home, { recursive: true, force: true });
});

const start = (more: Partial<Parameters<typeof ensureServer>[0]> = {}): Promise<ServerAddress> =>
  ensureServer({ config, worker: false, ...more });

function pidOf(address: ServerAddress, name: 'postgres' | 'temporal'): number {
  const pid = address.children[name];
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const answers = (url: string): Promise<true | undefined> =>
  query(url, 'select 1').then(
    () => true as const,
    () => undefined,
  );

function temporal(address: string, ...args: string[]): string {
  return execFileSync(config.temporalCli ?? 'temporal', [...args, '--address', address], { encoding: 'utf8' });
}

/** Local addresses, in the kernel's hex, of all sockets a process listens on. */
function listeners(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.has(fields[9] ?? ''))
      .map((fields) => fields[1] ?? ''),
  );
}

test('it comes up whole, on loopback only, keeps what it holds, and is the same after a stop', async () => {
  const lines: string[] = [];
  const address = await start({ onProgress: (line) => lines.push(line) });
  expect(lines.join('\n')).toMatch(/it outlives this command[\s\S]*ready after/);
  expect(readServerAddress(config.home)).toEqual(address);
  await query(address.databaseUrl, 'create table t (n int); insert into t values (7)');
  const attributes = temporal(address.temporalAddress, 'operator', 'search-attribute', 'list');
  for (const name of ['DiveInstance', 'DiveRole', 'DiveState', 'DiveOperation', 'DiveErrorCode']) {
    expect(attributes).toContain(name);
  }
  const run = ['workflow', 'start', '--type', 'x', '-t', 'nobody', '-w', 'instance/KEPT'];
  temporal(address.temporalAddress, ...run);

  const open = [pidOf(address, 'postgres'), pidOf(address, 'temporal')].flatMap(listeners);
  expect(open.length).toBeGreaterThanOrEqual(3);
  expect(open.filter((at) => !at.startsWith('0100007F:'))).toEqual([]);

  expect(await stopServer({ config })).toBe(true);
  expect(readServerAddress(config.home)).toBeUndefined();
  expect(isProcess(pidOf(address, 'postgres'), ['postgres'])).toBe(false);
  expect(isProcess(pidOf(address, 'temporal'), ['start-dev'])).toBe(false);
  expect(await stopServer({ config })).toBe(false);

  const again = await start();
  expect([again.temporalAddress, again.databaseUrl, again.uiAddress]).toEqual([
    address.temporalAddress,
    address.databaseUrl,
    address.uiAddress,
  ]);
  expect(await query(again.databaseUrl, 'select n from t')).toEqual([{ n: 7 }]);
  expect(temporal(again.temporalAddress, 'workflow', 'describe', '-w', 'instance/KEPT', '-o', 'json')).toMatch(
    /STATUS_RUNNING/,
  );
});

test('of callers at once one starts it and all get the same', async () => {
  const script = `require(${JSON.stringify(EMBEDDED)}).ensureServer({ worker: false }).then(
    (a) => console.log(JSON.stringify([a.pid, a.children])), (e) => { console.error(e); process.exit(1); })`;
  const env = { ...process.env, DIVE_HOME: config.home };
  const call = async (): Promise<string> => {
    const child = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    await new Promise((done) => child.once('close', done));
    return out.trim();
  };
  const all = await Promise.all([call(), call(), call(), call()]);
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toMatch(/^\[\d+,\{/);
  const log = readFileSync(join(homePaths(config.home).logs, 'supervisor.log'), 'utf8');
  expect(log.match(/postgres: started/g)).toHaveLength(1);
});

test('each child that is killed comes back at the same address', async () => {
  const address = await start();
  for (const name of ['postgres', 'temporal'] as const) {
    const before = pidOf(address, name);
    signal(before, 'SIGKILL');
    const after = await poll(() => {
      const now = readAddressFile(config.home)?.children[name];
      return now !== undefined && now !== before ? now : undefined;
    }, 20_000);
    expect(after).toBeDefined();
  }
  expect(await poll(() => answers(address.databaseUrl), 20_000)).toBe(true);
  const health = (): true | undefined => {
    try {
      return temporal(address.temporalAddress, 'operator', 'cluster', 'health').includes('SERVING') || undefined;
    } catch {
      return undefined;
    }
  };
  expect(await poll(health, 20_000, 200)).toBe(true);
  expect(readServerAddress(config.home)).toMatchObject({ pid: address.pid, restarts: 2 });
  expect(serverStatus(config)).toMatchObject({
    state: 'ready',
    children: [
      { name: 'postgres', kind: 'ours', running: true },
      { name: 'temporal', kind: 'ours', running: true },
    ],
  });
});

test('what a killed supervisor left is ended, and a stale pid file of PostgreSQL keeps nobody', async () => {
  const address = await start();
  signal(address.pid, 'SIGKILL');
  expect(await poll(() => readServerAddress(config.home) === undefined || undefined, 5_000)).toBe(true);
  expect(serverStatus(config).state).toBe('gone');
  expect(isProcess(pidOf(address, 'postgres'), ['postgres'])).toBe(true);

  const second = await start();
  expect(second.pid).not.toBe(address.pid);
  expect(isProcess(pidOf(address, 'postgres'), ['postgres'])).toBe(false);
  expect(isProcess(pidOf(address, 'temporal'), ['start-dev'])).toBe(false);
  expect(second.databaseUrl).toBe(address.databaseUrl);

  // Everything at once, as when the machine loses its power, and the number belongs to somebody else afterwards.
  for (const pid of [second.pid, pidOf(second, 'postgres'), pidOf(second, 'temporal')]) signal(pid, 'SIGKILL');
  const pidFile = join(homePaths(config.home).postgresData, 'postmaster.pid');
  expect(await poll(() => !isProcess(pidOf(second, 'postgres'), ['postgres']) || undefined, 5_000)).toBe(true);
  // Of the same user: PostgreSQL itself takes only such a process for another server.
  const { uid } = statSync(homePaths(config.home).postgresData);
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', cwd: '/', uid });
  try {
    const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n');
    writeFileSync(pidFile, [stranger.pid, ...rest].join('\n'));
    const third = await start();
    expect(await answers(third.databaseUrl)).toBe(true);
    expect(isProcess(stranger.pid ?? 0, ['sleep'])).toBe(true);
  } finally {
    stranger.kill();
  }
});

test('the worker comes with it, is polled for, comes back when killed, and ends with its supervisor', async () => {
  const address = await start({ worker: true });
  const worker = address.children.worker ?? 0;
  const pollers = (): string => temporal(address.temporalAddress, 'task-queue', 'describe', '-t', 'dive');
  expect(pollers()).toContain(`${worker}@`);
  signal(worker, 'SIGKILL');
  const polls = (): true | undefined => {
    const now = readAddressFile(config.home)?.children.worker;
    return (now !== undefined && now !== worker && pollers().includes(`${now}@`)) || undefined;
  };
  expect(await poll(polls, 10_000, 100)).toBe(true);
  const second = readAddressFile(config.home)?.children.worker ?? 0;
  signal(address.pid, 'SIGKILL');
  expect(await poll(() => !isProcess(second, ['worker/main.js']) || undefined, 10_000)).toBe(true);
});

test('a closed terminal and an interrupted command do not end it', async () => {
  const address = await start();
  signal(address.pid, 'SIGHUP');
  expect(await answers(address.databaseUrl)).toBe(true);
  expect(readServerAddress(config.home)?.pid).toBe(address.pid);
  // Its own session: the terminal's Ctrl-C goes to the command's group and not to it.
  const stat = readFileSync(`/proc/${address.pid}/stat`, 'utf8');
  expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])).toBe(address.pid);
});

test('another build is restarted when idle and kept while at work; a newer version is refused', async () => {
  const address = await start();
  writeAddressFile(config.home, { ...address, build: 'of yesterday' });
  expect(serverStatus(config).otherBuild).toBe(true);
  const lines: string[] = [];
  const onProgress = (line: string): void => void lines.push(line);
  expect((await start({ onProgress, isIdle: async () => false })).pid).toBe(address.pid);
  expect(lines.join()).toMatch(/another build.*at work/);
  const restarted = await start({ onProgress, isIdle: async () => true });
  expect(lines.join()).toMatch(/nothing is under way: restarting/);
  expect(restarted.pid).not.toBe(address.pid);
  expect([restarted.build, restarted.databaseUrl]).toEqual([address.build, address.databaseUrl]);

  writeAddressFile(config.home, { ...restarted, version: '999.0.0' });
  await expect(start({ isIdle: async () => true })).rejects.toMatchObject({
    code: 'DIVE-1605',
    message: expect.stringContaining('999.0.0'),
  });
  expect(isProcess(restarted.pid, ['supervisor-main.js'])).toBe(true);
});

test('engines that are named are not started, and a server for others is not taken for them', async () => {
  const databaseUrl = process.env.DIVE_TEST_DATABASE_URL ?? '';
  const temporalAddress = process.env.DIVE_TEST_TEMPORAL_ADDRESS ?? '';
  const named = await ensureServer({ config: { ...config, databaseUrl, temporalAddress }, worker: false });
  expect(named).toMatchObject({ databaseUrl, temporalAddress, children: {} });
  expect(existsSync(homePaths(config.home).postgresData)).toBe(false);
  await expect(start()).rejects.toMatchObject({
    code: 'DIVE-1603',
    message: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
});

test('a start that cannot succeed says why, leaves nothing running, and works once the cause is gone', async () => {
  const failed = ensureServer({ config: { ...config, temporalCli: join(config.home, 'nothing') }, worker: false });
  await expect(failed).rejects.toMatchObject({ code: 'DIVE-1605' });

  const address = await start();
  await stopServer({ config });
  writeFileSync(join(homePaths(config.home).postgresData, 'PG_VERSION'), '9\n');
  await expect(start()).rejects.toMatchObject({ code: 'DIVE-1602', message: expect.stringContaining('PostgreSQL 9') });
  expect(serverStatus(config)).toMatchObject({ state: 'failed' });
  const { children } = readAddressFile(config.home) ?? {};
  expect(children).toEqual({});
  writeFileSync(join(homePaths(config.home).postgresData, 'PG_VERSION'), '18\n');
  expect((await start()).databaseUrl).toBe(address.databaseUrl);
});

test('it ends with the process it was started for', async () => {
  const owner = spawn('sleep', ['60'], { stdio: 'ignore' });
  const address = await start({ config: { ...config, whileAlive: owner.pid ?? 0 } });
  owner.kill('SIGKILL');
  expect(await poll(() => !isProcess(address.pid, ['supervisor-main.js']) || undefined, 15_000)).toBe(true);
  expect(isProcess(pidOf(address, 'postgres'), ['postgres'])).toBe(false);
});

test('purge leaves neither a process nor a file', async () => {
  const address = await start();
  const removed = await purgeServer({ config, list: () => true });
  expect(removed.map((entry) => entry.name)).toContain(join(config.home, 'postgres'));
  for (const name of ['postgres', 'temporal'] as const) expect(isProcess(pidOf(address, name), [])).toBe(false);
  expect(existsSync(config.home)).toBe(false);
});
