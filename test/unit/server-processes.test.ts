import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isNewer } from '../../server/package-root.ts';
import { choosePort, listens } from '../../server/ports.ts';
import { endProcess, isProcess, poll } from '../../server/processes.ts';
import { tryLock } from '../../server/start-lock.ts';
import { restartWaitMs, superviseChild } from '../../server/supervised-child.ts';
import type { ChildSpec } from '../../server/supervised-child.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dive-unit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function sleeper(script = 'exec sleep 60'): ChildProcess & { pid: number } {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  const { pid } = child;
  if (pid === undefined) throw new Error('sh cannot be run');
  return Object.assign(child, { pid });
}

test('a process is known by its number and its command line', async () => {
  const child = sleeper();
  expect(await poll(() => isProcess(child.pid, ['sleep', '60']) || undefined, 2_000)).toBe(true);
  expect(isProcess(child.pid, ['postgres'])).toBe(false);
  child.kill('SIGKILL');
  expect(await poll(() => !isProcess(child.pid, []) || undefined, 2_000)).toBe(true);
});

test('ending is a request first and a kill later; a stranger is left alone', async () => {
  const trapped = join(folder, 'trapped');
  const deaf = sleeper(`trap "" TERM; : > ${trapped}; while :; do sleep 0.05; done`);
  expect(await poll(() => existsSync(trapped) || undefined, 2_000)).toBe(true);
  await endProcess(deaf.pid, ['postgres'], 50);
  expect(isProcess(deaf.pid, ['trap'])).toBe(true);
  const begun = Date.now();
  await endProcess(deaf.pid, ['trap'], 200);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(200);
  expect(isProcess(deaf.pid, ['trap'])).toBe(false);
});

test('a lock has one holder, is given back, and that of a dead process is taken over', () => {
  const file = join(folder, 'lock');
  const release = tryLock(file);
  expect(release).toBeDefined();
  expect(tryLock(file)).toBeUndefined();
  release?.();
  expect(existsSync(file)).toBe(false);
  const dead = spawnSync('true').pid;
  writeFileSync(file, String(dead));
  expect(tryLock(file)).toBeDefined();
  expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
});

test('a lock that cannot be read as a number is a dead one', () => {
  const file = join(folder, 'lock');
  writeFileSync(file, 'torn');
  expect(tryLock(file)).toBeDefined();
});

test('versions compare by their numbers', () => {
  expect([isNewer('0.10.0', '0.9.9'), isNewer('1.0.0', '1.0.0'), isNewer('0.9.9', '0.10.0')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(isNewer('2.0.0', '1.9.9-rc.3')).toBe(true);
});

test('a preferred port is kept while it is free', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  expect(await listens(taken)).toBe(true);
  expect(await choosePort(taken)).not.toBe(taken);
  await new Promise((done) => server.close(done));
  expect(await choosePort(undefined, taken)).toBe(taken);
  expect(await listens(taken)).toBe(false);
});

function spec(script: string, more: Partial<ChildSpec> = {}): ChildSpec {
  return {
    command: process.execPath,
    args: ['-e', script],
    env: process.env,
    cwd: folder,
    logFile: join(folder, 'child.log'),
    stopSignal: 'SIGTERM',
    channel: false,
    prepare: async () => {},
    ...more,
  };
}

function silence(): { pids: number[]; said: string[]; ready: number; events: Parameters<typeof superviseChild>[1] } {
  const seen = { pids: [] as number[], said: [] as string[], ready: 0 };
  return Object.assign(seen, {
    events: {
      started: (pid: number) => void seen.pids.push(pid),
      ready: () => void (seen.ready += 1),
      log: (line: string) => void seen.said.push(line),
    },
  });
}

test('waits between starts grow, to a bound', () => {
  expect([1, 2, 3, 4, 20].map(restartWaitMs)).toEqual([200, 400, 800, 1600, 15_000]);
});

test('a child that is killed is started again and says so; after stop it is not', async () => {
  const seen = silence();
  const child = superviseChild(spec('setInterval(() => {}, 1000)'), seen.events);
  const [first] = (await poll(() => (seen.pids.length === 1 ? seen.pids : undefined), 5_000)) ?? [];
  if (first === undefined) throw new Error('never started');
  process.kill(first, 'SIGKILL');
  const again = await poll(() => (seen.pids.length === 2 ? seen.pids[1] : undefined), 5_000);
  expect(again).toBeDefined();
  expect(seen.said.join()).toMatch(/ended with SIGKILL; starting it again in 200 ms/);
  await child.stop();
  expect(isProcess(again ?? 0, [process.execPath])).toBe(false);
  expect(seen.pids).toHaveLength(2);
});

test('a program that is not there is reported, tried again, and can be given up', async () => {
  const seen = silence();
  const child = superviseChild(spec('', { command: join(folder, 'nothing') }), seen.events);
  expect(await poll(() => (seen.said.length > 1 ? true : undefined), 5_000)).toBe(true);
  expect(seen.said[0]).toMatch(/cannot be started: .*ENOENT/);
  await child.stop();
});

test('readiness comes over the channel, output goes to the log', async () => {
  const seen = silence();
  const child = superviseChild(
    spec('console.log("I poll"); process.send("ready"); process.on("disconnect", () => process.exit())', {
      channel: true,
    }),
    seen.events,
  );
  expect(await poll(() => (seen.ready === 1 ? true : undefined), 5_000)).toBe(true);
  await child.stop();
  expect(readFileSync(join(folder, 'child.log'), 'utf8')).toBe('I poll\n');
});
