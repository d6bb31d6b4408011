import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RepeatedExec, nextRepeat, repeatArgv } from '../../adapters/probes/repeat.ts';
import type { Exec } from '../../adapters/probes/probe.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dive-repeat-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(argv: readonly string[]): { code: number | null; out: string } {
  const [command = '', ...rest] = argv;
  const ran = spawnSync(command, rest, { encoding: 'utf8', env: { ...process.env, FOLDER: folder } });
  return { code: ran.status, out: ran.stdout };
}

test('the loop ends with the first good answer and says only that', () => {
  const check = [
    'sh',
    '-c',
    'echo x >> "$FOLDER/n"; echo "try $(wc -l < "$FOLDER/n")"; test $(wc -l < "$FOLDER/n") -ge 3',
  ];
  expect(run(repeatArgv(check, { tries: 10, restMs: 10 }))).toEqual({ code: 0, out: 'try 3' });
});

test('the loop ends with the last bad answer and its exit code when the tries are used up', () => {
  const check = ['sh', '-c', 'echo x >> "$FOLDER/n"; echo no >&2; exit $(wc -l < "$FOLDER/n")'];
  expect(run(repeatArgv(check, { tries: 3, restMs: 10 }))).toEqual({ code: 3, out: 'no' });
});

test('arguments arrive as they are', () => {
  const words = ['a b', "it's", '$HOME', '"', ''];
  const ran = run(repeatArgv(['printf', '[%s]', ...words], { tries: 1, restMs: 10 }));
  expect(ran).toEqual({ code: 0, out: words.map((w) => `[${w}]`).join('') });
});

test('an environment that uses our letters reaches the check unchanged', () => {
  const argv = repeatArgv(['sh', '-c', 'test "$n" = 7 && test "$code" = 8'], { tries: 1, restMs: 10 });
  const [command = '', ...rest] = argv;
  expect(() => execFileSync(command, rest, { env: { ...process.env, n: '7', code: '8' } })).not.toThrow();
});

test.each([
  // [after this round, that took this long, with this much time left] -> the next
  [{ tries: 4, restMs: 50 }, 220, 60_000, { tries: 36, restMs: 50 }],
  [{ tries: 4, restMs: 50 }, 1000, 60_000, { tries: 2, restMs: 800 }],
  [{ tries: 4, restMs: 50 }, 220, 100, { tries: 1, restMs: 50 }],
  [{ tries: 4, restMs: 50 }, 2800, 60_000, undefined],
])('after %j in %d ms with %d ms left', (repeat, tookMs, leftMs, next) => {
  expect(nextRepeat(repeat, tookMs, leftMs)).toEqual(next);
});

/** Runs commands on this machine in place of a container. */
function local(seen: (readonly string[])[]): Exec {
  return async (argv) => {
    seen.push(argv);
    await pause(1);
    const { code, out } = run(argv);
    return { kind: 'exited', exitCode: code ?? 127, output: out };
  };
}

test('asks alone first, then from inside', async () => {
  const seen: (readonly string[])[] = [];
  const asker = new RepeatedExec(local(seen), Date.now() + 60_000);
  const check = ['sh', '-c', 'test -f "$FOLDER/ready" && echo yes'];
  expect(await asker.exec(check, { timeoutMs: 1000 })).toMatchObject({ exitCode: 1 });
  expect([seen, asker.waitedInside]).toEqual([[check], false]);
  writeFileSync(join(folder, 'ready'), '');
  expect(await asker.exec(check, { timeoutMs: 1000 })).toEqual({ kind: 'exited', exitCode: 0, output: 'yes' });
  expect([seen[1]?.[3], asker.waitedInside]).toEqual(['dive-check', true]);
});

test("without a shell inside it asks alone, and the answer is the command's own", async () => {
  const seen: (readonly string[])[] = [];
  const noShell: Exec = (argv) => {
    seen.push(argv);
    return Promise.resolve(
      argv[0] === '/bin/sh'
        ? { kind: 'exited', exitCode: 127, output: 'no such file' }
        : { kind: 'exited', exitCode: 1, output: 'not yet' },
    );
  };
  const asker = new RepeatedExec(noShell, Date.now() + 60_000);
  for (let n = 0; n < 3; n += 1) {
    expect(await asker.exec(['/check'], { timeoutMs: 1000 })).toEqual({
      kind: 'exited',
      exitCode: 1,
      output: 'not yet',
    });
  }
  expect(seen.map((argv) => argv[0])).toEqual(['/check', '/bin/sh', '/check', '/check']);
});

test('a command that hangs is not repeated', async () => {
  const seen: (readonly string[])[] = [];
  const hangs: Exec = (argv) => {
    seen.push(argv);
    return Promise.resolve({ kind: 'timed-out', output: '' });
  };
  const asker = new RepeatedExec(hangs, Date.now() + 60_000);
  await asker.exec(['check'], { timeoutMs: 10 });
  await asker.exec(['check'], { timeoutMs: 10 });
  expect(seen).toEqual([['check'], ['check']]);
});
