import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exec } from '../../adapters/probes/probe.ts';
import { type Rest, restInside } from '../../adapters/probes/schedule.ts';
import { RepeatedExec, repeatArgv } from '../../adapters/probes/repeat.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dive-repeat-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command on this machine in place of a container; FOLDER is its own. */
function run(argv: readonly string[], more: Record<string, string> = {}): { code: number | null; out: string } {
  const [command = '', ...rest] = argv;
  const ran = spawnSync(command, rest, { encoding: 'utf8', env: { ...process.env, FOLDER: folder, ...more } });
  return { code: ran.status, out: ran.stdout };
}

const REST: Rest = { times: 4, leastMs: 30 };
const tries = (): number => readFileSync(join(folder, 'n'), 'utf8').length;
const COUNTED = 'printf x >> "$FOLDER/n";';
const sh = (script: string): string[] => ['sh', '-c', `${COUNTED} ${script}`];

test('ends with the first good answer and says only that', () => {
  const check = sh('echo "try $(wc -c < "$FOLDER/n")"; test $(wc -c < "$FOLDER/n") -ge 3');
  expect(run(repeatArgv(check, 5000, REST))).toEqual({ code: 0, out: 'try 3' });
});

test('ends with the last bad answer and its exit code when the time is up', () => {
  const begun = performance.now();
  expect(run(repeatArgv(sh('echo no >&2; exit 3'), 500, REST))).toEqual({ code: 3, out: 'no' });
  expect(performance.now() - begun).toBeLessThan(1500);
  expect(tries()).toBeGreaterThan(3);
});

test('a check that takes long is not asked again at once', () => {
  expect(run(repeatArgv(sh('sleep 0.3; exit 1'), 1000, REST))).toEqual({ code: 1, out: '' });
  expect(tries()).toBe(1);
});

test('who has waited for long asks less often', async () => {
  const rests: string[] = [];
  const spy: Exec = (argv) => {
    rests.push(argv.slice(5, 7).join(' × '));
    return Promise.resolve({ kind: 'exited', exitCode: 1, output: '' });
  };
  for (const waitedMs of [0, 1000, 10_000, 60_000]) {
    await new RepeatedExec(spy, Date.now() - waitedMs, Date.now() + 60_000).exec(['check'], { timeoutMs: 10 });
  }
  expect(rests).toEqual(['3 × 2', '3 × 2', '10 × 4', '60 × 4']);
  const begun = performance.now();
  run(repeatArgv(sh('exit 1'), 450, { times: 4, leastMs: 200 }));
  expect(performance.now() - begun).toBeLessThan(1500);
  expect(tries()).toBeLessThan(4);
});

test.each([
  ['at first', 500, undefined, { times: 2, leastMs: 30 }],
  ['a slow one', 20_000, undefined, { times: 4, leastMs: 200 }],
  ['long before it usually is ready', 5_000, 20_000, { times: 4, leastMs: 400 }],
  ['about when it usually is ready', 1_500, 2_000, { times: 2, leastMs: 30 }],
])('rests between two tries, %s', (_when, elapsedMs, expectedMs, rest) => {
  expect(restInside(elapsedMs, expectedMs)).toEqual(rest);
});

test('no time left is one try', () => {
  expect(run(repeatArgv(sh('exit 1'), 0, REST)).code).toBe(1);
  expect(tries()).toBe(1);
});

test('arguments arrive as they are', () => {
  const words = ['a b', "it's", '$HOME', '"', ''];
  const ran = run(repeatArgv(['printf', '[%s]', ...words], 100, REST));
  expect(ran).toEqual({ code: 0, out: words.map((w) => `[${w}]`).join('') });
});

test('the environment reaches the check unchanged', () => {
  const check = ['sh', '-c', 'test "$now" = 7 && test "$rest" = 8'];
  expect(run(repeatArgv(check, 100, REST), { now: '7', rest: '8' }).code).toBe(0);
});

test('who waits inside need not wait outside', async () => {
  const local: Exec = (argv) => {
    const { code, out } = run(argv);
    return Promise.resolve({ kind: 'exited', exitCode: code ?? 127, output: out });
  };
  const asker = new RepeatedExec(local, Date.now(), Date.now() + 300);
  const check = ['sh', '-c', 'test -f "$FOLDER/ready" && echo yes'];
  expect(await asker.exec(check, { timeoutMs: 1000 })).toMatchObject({ exitCode: 1 });
  expect(asker.waitedInside).toBe(true);
  writeFileSync(join(folder, 'ready'), '');
  expect(await asker.exec(check, { timeoutMs: 1000 })).toEqual({ kind: 'exited', exitCode: 0, output: 'yes' });
});

test("without a shell inside it is asked once at a time, and the answer is the command's own", async () => {
  const seen: (string | undefined)[] = [];
  const noShell: Exec = ([command]) => {
    seen.push(command);
    const own = { kind: 'exited', exitCode: 1, output: 'not yet' } as const;
    return Promise.resolve(command === '/bin/sh' ? { kind: 'exited', exitCode: 127, output: 'no such file' } : own);
  };
  const asker = new RepeatedExec(noShell, Date.now(), Date.now() + 60_000);
  for (let n = 0; n < 3; n += 1) {
    expect(await asker.exec(['/check'], { timeoutMs: 1 })).toEqual({ kind: 'exited', exitCode: 1, output: 'not yet' });
    expect(asker.waitedInside).toBe(false);
  }
  expect(seen).toEqual(['/bin/sh', '/check', '/check', '/check']);
});

test('a command that hangs is not repeated', async () => {
  const seen: (readonly string[])[] = [];
  const hangs: Exec = (argv) => {
    seen.push(argv);
    return Promise.resolve({ kind: 'timed-out', output: '' });
  };
  const asker = new RepeatedExec(hangs, Date.now(), Date.now() + 60_000);
  await asker.exec(['check'], { timeoutMs: 10 });
  await asker.exec(['check'], { timeoutMs: 10 });
  expect(seen.map((argv) => argv.length)).toEqual([8, 1]);
});
