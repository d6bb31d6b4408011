import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Inside, RepeatedExec, type Session } from '../../adapters/probes/repeat.ts';
import { type Rest, restBetween } from '../../adapters/probes/schedule.ts';
import type { ExecAnswer } from '../../schema/probe.ts';

let folder = '';
const begun: ChildProcess[] = [];
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dive-repeat-'))));
afterEach(() => {
  for (const child of begun.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** This machine in place of a container; FOLDER is the test's own. */
class Here implements Inside {
  readonly rests: Rest[] = [];
  readonly opened: (readonly string[])[] = [];
  readonly asked: (readonly string[])[] = [];
  readonly env: Record<string, string>;
  /** The same for everyone who is asked once. */
  single: ExecAnswer = { kind: 'exited', exitCode: 1, output: 'asked once' };
  constructor(env: Record<string, string> = {}) {
    this.env = env;
  }
  once(argv: readonly string[]): Promise<ExecAnswer> {
    this.asked.push(argv);
    return Promise.resolve(this.single);
  }
  open(argv: readonly string[]): Promise<Session | undefined> {
    this.opened.push(argv);
    const [command = '', ...rest] = argv;
    const child = spawn(command, rest, { env: { ...process.env, FOLDER: folder, ...this.env } });
    begun.push(child);
    child.stdin.on('error', () => undefined);
    const pieces = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    const read = async (): Promise<string | undefined> => {
      const next = await pieces.next().catch(() => ({ done: true as const, value: undefined }));
      return next.done === true ? undefined : String(next.value);
    };
    const close = (): void => {
      child.stdin.end();
      child.stdout.destroy();
    };
    return Promise.resolve({ read, close, write: (text) => void child.stdin.write(text) });
  }
  rest(rest: Rest): Promise<void> {
    this.rests.push(rest);
    return pause(rest.leastMs);
  }
}

const tries = (): number => readFileSync(join(folder, 'n'), 'utf8').length;
const COUNTED = 'printf x >> "$FOLDER/n";';
const sh = (script: string): string[] => ['sh', '-c', `${COUNTED} ${script}`];
const asking = (forMs: number, waitedMs = 0): { sinceMs: number; deadlineMs: number } => ({
  sinceMs: Date.now() - waitedMs,
  deadlineMs: Date.now() + forMs,
});
const { signal } = new AbortController();
const SOON = { timeoutMs: 5000, signal };

test('ends with the first good answer and says only that', async () => {
  const here = new Here();
  using repeated = new RepeatedExec(here, asking(5000));
  const check = sh('echo "try $(wc -c < "$FOLDER/n")"; test $(wc -c < "$FOLDER/n") -ge 3');
  expect(await repeated.exec(check, SOON)).toEqual({ kind: 'exited', exitCode: 0, output: 'try 3' });
  expect(here.opened).toHaveLength(1);
});

test('ends with the last bad answer and its exit code when the time is up', async () => {
  using repeated = new RepeatedExec(new Here(), asking(500));
  const from = performance.now();
  expect(await repeated.exec(sh('echo no >&2; exit 3'), SOON)).toEqual({ kind: 'exited', exitCode: 3, output: 'no' });
  expect(performance.now() - from).toBeLessThan(1500);
  expect(tries()).toBeGreaterThan(3);
  expect(repeated.waitedInside).toBe(true);
});

test('no time left is one try', async () => {
  using repeated = new RepeatedExec(new Here(), asking(0));
  expect(await repeated.exec(sh('exit 1'), SOON)).toMatchObject({ exitCode: 1 });
  expect(tries()).toBe(1);
});

test('for two seconds at a time, then it goes on with the same shell', async () => {
  const here = new Here();
  using repeated = new RepeatedExec(here, asking(60_000, 30_000));
  const check = ['sh', '-c', 'test -f "$FOLDER/ready" && echo yes'];
  const from = performance.now();
  expect(await repeated.exec(check, SOON)).toMatchObject({ exitCode: 1 });
  expect(performance.now() - from).toBeGreaterThan(1500);
  expect(performance.now() - from).toBeLessThan(4000);
  writeFileSync(join(folder, 'ready'), '');
  expect(await repeated.exec(check, SOON)).toEqual({ kind: 'exited', exitCode: 0, output: 'yes' });
  expect(here.opened).toHaveLength(1);
  expect(here.asked).toEqual([]);
});

test.each([
  ['at first', { tookMs: 5, elapsedMs: 500 }, { leastMs: 30, ms: 30 }],
  ['one that takes its time, at first', { tookMs: 50, elapsedMs: 500 }, { leastMs: 50, ms: 100 }],
  ['one that takes its time, later', { tookMs: 50, elapsedMs: 5000 }, { leastMs: 50, ms: 200 }],
  ['a slow one', { tookMs: 5, elapsedMs: 20_000 }, { leastMs: 30, ms: 200 }],
  ['long before it usually is ready', { tookMs: 5, elapsedMs: 5000, expectedMs: 20_000 }, { leastMs: 30, ms: 400 }],
  ['about when it usually is ready', { tookMs: 5, elapsedMs: 1500, expectedMs: 2000 }, { leastMs: 30, ms: 30 }],
  ['one that takes very long', { tookMs: 3000, elapsedMs: 5000 }, { leastMs: 1000, ms: 1000 }],
])('rests between two tries, %s', (_when, tried, rest) => {
  expect(restBetween(tried)).toEqual(rest);
});

test('it rests as long as it has waited and as a try takes', async () => {
  const here = new Here();
  using repeated = new RepeatedExec(here, asking(300, 20_000));
  await repeated.exec(sh('exit 1'), SOON);
  expect(here.rests[0]?.leastMs).toBeGreaterThanOrEqual(30);
  expect(here.rests[0]?.ms).toBeGreaterThanOrEqual(200);
});

test('arguments arrive as they are, the environment unchanged, and nothing to read', async () => {
  using repeated = new RepeatedExec(new Here({ now: '7' }), asking(100));
  const words = ['a b', "it's", '$HOME', '"', '', '%s', '\\n', '\u001E7\n'];
  expect(await repeated.exec(['printf', '[%s]', ...words], SOON)).toEqual({
    kind: 'exited',
    exitCode: 0,
    output: words.map((w) => `[${w}]`).join(''),
  });
  expect(await repeated.exec(['sh', '-c', 'test "$now" = 7 && cat'], SOON)).toEqual({
    kind: 'exited',
    exitCode: 0,
    output: '',
  });
});

test('of much noise the beginning is kept', async () => {
  using repeated = new RepeatedExec(new Here(), asking(100));
  const noise = await repeated.exec(['sh', '-c', 'yes | head -c 100000; exit 4'], SOON);
  expect(noise).toMatchObject({ kind: 'exited', exitCode: 4 });
  expect(noise).toHaveProperty('output.length', 4096);
});

test("without a shell inside it is asked once at a time, and the answer is the command's own", async () => {
  const mute = { read: () => Promise.resolve(undefined), write: () => undefined, close: () => undefined };
  for (const session of [undefined, mute]) {
    const here = Object.assign(new Here(), { open: jest.fn(() => Promise.resolve<Session | undefined>(session)) });
    using repeated = new RepeatedExec(here, asking(60_000));
    for (let n = 0; n < 3; n += 1) {
      expect(await repeated.exec(['/check'], SOON)).toEqual(here.single);
      expect(repeated.waitedInside).toBe(false);
    }
    expect(here.open).toHaveBeenCalledTimes(1);
    expect(here.asked).toEqual([['/check'], ['/check'], ['/check']]);
  }
});

test('a command that is not there is asked for without the shell', async () => {
  const here = new Here();
  using repeated = new RepeatedExec(here, asking(60_000));
  expect(await repeated.exec(['no-such-command'], SOON)).toEqual(here.single);
  expect(here.asked).toEqual([['no-such-command']]);
});

test('a command that hangs is not repeated', async () => {
  const here = new Here();
  using repeated = new RepeatedExec(here, asking(60_000));
  const from = performance.now();
  expect(await repeated.exec(['sleep', '30'], { timeoutMs: 200, signal })).toMatchObject({ kind: 'timed-out' });
  expect(performance.now() - from).toBeLessThan(2000);
  expect(await repeated.exec(['sleep', '30'], { timeoutMs: 200, signal })).toEqual(here.single);
  expect(here.opened).toHaveLength(1);
});

test('a shell that ended with its container is begun again', async () => {
  const here = new Here();
  using repeated = new RepeatedExec(here, asking(100));
  const check = sh('exit 1');
  await repeated.exec(check, SOON);
  begun[0]?.kill('SIGKILL');
  // Who asks now hears from the engine how the container is.
  expect(await repeated.exec(check, SOON)).toEqual(here.single);
  expect(await repeated.exec(check, SOON)).toMatchObject({ exitCode: 1, output: '' });
  expect(here.opened).toHaveLength(2);
});

test('who is told to stop stops, and no shell is left behind', async () => {
  const abort = new AbortController();
  const repeated = new RepeatedExec(new Here(), asking(60_000));
  await repeated.exec(['true'], SOON);
  const asked = repeated.exec(['sleep', '30'], { timeoutMs: 60_000, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 100);
  await expect(asked).rejects.toThrow('enough');
  repeated[Symbol.dispose]();
  const [idle] = begun;
  for (const deadline = Date.now() + 5000; idle?.exitCode === null && Date.now() < deadline;) await pause(20);
  expect(idle?.exitCode).toBe(0);
});

test('of many different commands few shells are kept', async () => {
  using repeated = new RepeatedExec(new Here(), asking(60_000));
  for (let n = 0; n < 5; n += 1) await repeated.exec(['echo', String(n)], SOON);
  const ended = (): number => begun.filter((child) => child.exitCode !== null).length;
  for (const deadline = Date.now() + 5000; ended() < 2 && Date.now() < deadline;) await pause(20);
  expect(ended()).toBe(2);
});
