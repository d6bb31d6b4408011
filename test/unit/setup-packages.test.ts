// Which npm packages the set-up wants, and which it brings: those that a clone needs to run, or all.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPTS = resolve(__dirname, '..', '..', 'scripts');
const RUNS = { version: '1.0.0' };
const TESTS = { version: '2.0.0', dev: true };

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'dive-packages-'));
  cpSync(SCRIPTS, join(clone, 'scripts'), { recursive: true });
  writeFileSync(join(clone, 'package-lock.json'), lock({ runs: RUNS, jest: TESTS }));
  mkdirSync(join(clone, 'bin'));
  writeFileSync(join(clone, 'bin', 'npm'), '#!/bin/sh\necho "$@" >asked\n', { mode: 0o755 });
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function lock(packages: Readonly<Record<string, object>>): string {
  const inside = Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry]);
  return JSON.stringify({ packages: { '': {}, ...Object.fromEntries(inside) } });
}

/** As npm leaves it. */
function installed(packages: Readonly<Record<string, object>>): void {
  for (const name of Object.keys(packages)) mkdirSync(join(clone, 'node_modules', name), { recursive: true });
  mkdirSync(join(clone, 'node_modules'), { recursive: true });
  writeFileSync(join(clone, 'node_modules', '.package-lock.json'), lock(packages));
}

/** What `check` says of both steps. */
function wanted(): { toRun: string; all: string } {
  const script = `const { packages, testPackages } = require('./scripts/setup/build.cjs');
    (async () => console.log(JSON.stringify({ toRun: (await packages.check()).state, all: (await testPackages.check()).state })))()`;
  return JSON.parse(spawnSync(process.execPath, ['-e', script], { cwd: clone, encoding: 'utf8' }).stdout);
}

/** What npm was asked. */
function bring(step: 'packages' | 'testPackages'): string {
  const script = `require('./scripts/setup/build.cjs').${step}.bring()`;
  const env = { ...process.env, PATH: `${join(clone, 'bin')}:${process.env['PATH'] ?? ''}` };
  const ran = spawnSync(process.execPath, ['-e', script], { cwd: clone, encoding: 'utf8', env });
  expect(ran.stderr).toBe('');
  return readFileSync(join(clone, 'asked'), 'utf8');
}

test.each<[string, Readonly<Record<string, object>>, { toRun: string; all: string }]>([
  ['nothing', {}, { toRun: 'wanted', all: 'wanted' }],
  ['what it needs to run', { runs: RUNS }, { toRun: 'there', all: 'wanted' }],
  ['all', { runs: RUNS, jest: TESTS }, { toRun: 'there', all: 'there' }],
  ['another version', { runs: TESTS, jest: TESTS }, { toRun: 'wanted', all: 'wanted' }],
])('of a clone that has %s', (_what, has, expected) => {
  installed(has);
  expect(wanted()).toEqual(expected);
  // Known by its stamp the second time.
  expect(wanted()).toEqual(expected);
});

test('a clone that is to run gets no packages of tests', () => {
  installed({});
  expect(bring('packages')).toMatch(/^ci --omit=dev /);
  expect(wanted()).toEqual({ toRun: 'there', all: 'wanted' });
});

test('for tests it gets all, and who has them keeps them', () => {
  installed({ jest: TESTS });
  expect(bring('testPackages')).not.toContain('--omit');
  expect(wanted()).toEqual({ toRun: 'there', all: 'there' });
  expect(bring('packages')).not.toContain('--omit');
});
