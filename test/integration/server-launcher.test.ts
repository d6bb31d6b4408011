// The launcher and the last line of `npm test`, as programs.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..', '..');
// What a build is made from is said once, by the set-up.
const { SOURCES }: { readonly SOURCES: readonly string[] } = require('../../scripts/setup/build.cjs');
let clone: string;

/** A clone whose command says what it got, and whose set-up only leaves a trace. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'dive-clone-'));
  for (const folder of ['node_modules', 'scripts', 'dist/cli']) mkdirSync(join(clone, folder), { recursive: true });
  for (const name of SOURCES) {
    if (name.includes('.')) writeFileSync(join(clone, name), '{}');
    else mkdirSync(join(clone, name));
  }
  writeFileSync(join(clone, 'cli/main.ts'), '{}');
  copyFileSync(join(ROOT, 'dive'), join(clone, 'dive'));
  writeFileSync(
    join(clone, 'dist/cli/main.js'),
    'console.log(JSON.stringify([process.cwd(), process.argv.slice(2)])); process.exit(process.argv.length)',
  );
  writeFileSync(
    join(clone, 'scripts/setup.cjs'),
    `const fs = require('fs'); console.error('set-up ' + process.argv[2]);
     if (fs.existsSync(__dirname + '/broken')) process.exit(6);
     fs.writeFileSync(__dirname + '/../dist/.built', '')`,
  );
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function dive(
  args: string[],
  program = join(clone, 'dive'),
  cwd = tmpdir(),
): { out: string; err: string; code: number } {
  const ran = spawnSync(program, args, { cwd, encoding: 'utf8' });
  return { out: ran.stdout, err: ran.stderr, code: ran.status ?? -1 };
}

function built(agoMs: number): void {
  writeFileSync(join(clone, 'dist/.built'), '');
  const at = new Date(Date.now() - agoMs);
  utimesSync(join(clone, 'dist/.built'), at, at);
}

test('it builds first when it was never built, and passes folder, arguments and exit code on', () => {
  expect(dive(['up', 'two words', '--json'])).toEqual({
    out: `${JSON.stringify([tmpdir(), ['up', 'two words', '--json']])}\n`,
    err: 'set-up --build\n',
    code: 5,
  });
  expect(dive([])).toMatchObject({ err: '', code: 2 });
});

test.each(['cli/main.ts', 'package-lock.json', 'domain'])('a newer %s is built, an older one not', (name) => {
  built(-60_000);
  expect(dive([]).err).toBe('');
  built(60_000);
  const old = new Date(Date.now() - 120_000);
  for (const at of ['cli/main.ts', ...SOURCES]) utimesSync(join(clone, at), old, old);
  expect(dive([]).err).toBe('');
  utimesSync(join(clone, name), new Date(), new Date());
  expect(dive([]).err).toBe('set-up --build\n');
});

test('a set-up that fails ends it with the same code, and nothing runs', () => {
  writeFileSync(join(clone, 'scripts/broken'), '');
  expect(dive(['up'])).toEqual({ out: '', err: 'set-up --build\n', code: 6 });
});

test('it can be linked to from anywhere', () => {
  built(-60_000);
  mkdirSync(join(clone, 'bin'));
  symlinkSync('../dive', join(clone, 'bin/relative'));
  symlinkSync(join(clone, 'bin/relative'), join(clone, 'bin/absolute'));
  expect(dive(['x'], join(clone, 'bin/absolute'))).toMatchObject({ err: '', code: 3 });
  expect(dive(['x'], './relative', join(clone, 'bin'))).toMatchObject({ err: '', code: 3 });
});

test('without Node it says what is missing', () => {
  const bin = join(clone, 'bin');
  mkdirSync(bin);
  symlinkSync('/bin/sh', join(bin, 'sh'));
  const ran = spawnSync('/bin/sh', [join(clone, 'dive')], { env: { PATH: bin }, encoding: 'utf8' });
  expect([ran.status, ran.stderr]).toEqual([6, expect.stringContaining('needs Node.js 20.19')]);
});

test('of its own it takes less than 15 ms', () => {
  built(-60_000);
  const bin = join(clone, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(bin, 'node'), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH ?? ''}` };
  const times = Array.from({ length: 15 }, () => {
    const begun = performance.now();
    spawnSync(join(clone, 'dive'), ['--help'], { env, stdio: 'ignore' });
    const between = performance.now();
    spawnSync(join(bin, 'node'), [], { env, stdio: 'ignore' });
    return between - begun - (performance.now() - between);
  }).toSorted((a, b) => a - b);
  expect(times[0]).toBeLessThan(15);
});

function summary(result: object | undefined): { out: string; code: number } {
  const file = join(clone, 'result.json');
  if (result) writeFileSync(file, JSON.stringify(result));
  const ran = spawnSync(process.execPath, [join(ROOT, 'scripts/test-summary.cjs'), file], { encoding: 'utf8' });
  return { out: ran.stdout, code: ran.status ?? -1 };
}

const RESULT = {
  success: true,
  numTotalTests: 3,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

test('the last line of npm test is what jest counted, and nothing unrun passes as green', () => {
  expect(summary(RESULT)).toEqual({ out: '3 passed, 0 failed\n', code: 0 });
  expect(summary({ ...RESULT, numPassedTests: 2, numPendingTests: 1 })).toEqual({
    out: '2 passed, 0 failed, 1 skipped\n',
    code: 0,
  });
  expect(summary({ ...RESULT, success: false, numPassedTests: 1, numFailedTests: 2 })).toEqual({
    out: '1 passed, 2 failed\n',
    code: 1,
  });
  expect(summary({ ...RESULT, success: false, numRuntimeErrorTestSuites: 1 }).out).toBe('3 passed, 1 failed\n');
  expect(summary({ ...RESULT, numTotalTests: 0, numPassedTests: 0 })).toEqual({ out: '0 passed, 1 failed\n', code: 1 });
  rmSync(join(clone, 'result.json'));
  expect(summary(undefined)).toEqual({ out: '0 passed, 1 failed\n', code: 1 });
});

test('what the launcher compares is what the set-up compares', () => {
  const launcher = readFileSync(join(ROOT, 'dive'), 'utf8').match(/find ([\s\S]*?) -newer/)?.[1] ?? '';
  const names = launcher
    .split(/[\s\\]+/)
    .filter(Boolean)
    .toSorted();
  expect(new Set(SOURCES)).toEqual(new Set(names));
  const { include } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8'));
  expect(names).toEqual(expect.arrayContaining(include));
  expect(names.every((name) => existsSync(join(ROOT, name)))).toBe(true);
});
