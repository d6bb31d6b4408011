import { execFileSync } from 'node:child_process';
import { runsQuiet } from '../../activities/keeps-running.ts';
import type { Engine } from '../../adapters/docker/connect.ts';
import { processorMeter } from '../../adapters/docker/processor-time.ts';
import type { QuietTimes } from '../../domain/timing.ts';
import { SLEEPS, eventually, testEngine, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

let engine: Engine;
let imageId: string;
beforeAll(async () => ({ engine, imageId } = await testEngine()));

const { signal } = new AbortController();
const TIMES = { settleMs: 2500, quiet: { asleepMs: 500, idleMs: 1000 } };
const BUSY = 'trap "exit 0" TERM; while :; do :; done';

interface Ran {
  readonly quiet: boolean;
  readonly tookMs: number;
}

async function run(script: string, times: { settleMs: number; quiet?: QuietTimes } = TIMES): Promise<Ran> {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('plain', script));
  const sinceMs = Date.now();
  const quiet = await runsQuiet(engine, id, { ...times, sinceMs }, signal);
  return { quiet, tookMs: Date.now() - sinceMs };
}

test('who is asleep is found so after half a second, and not before', async () => {
  const { quiet, tookMs } = await run('exec sleep 60');
  expect(quiet).toBe(true);
  expect(tookMs).toBeGreaterThanOrEqual(500);
  expect(tookMs).toBeLessThan(950);
});

test('who does a little now and then is found idle before its time is over, and not before it ran for a second', async () => {
  const { quiet, tookMs } = await run('while :; do sleep 0.25; done');
  expect(quiet).toBe(true);
  expect(tookMs).toBeGreaterThanOrEqual(1000);
  expect(tookMs).toBeLessThan(1900);
});

test('who is busy has to run for its whole time', async () => {
  const { quiet, tookMs } = await run(BUSY);
  expect(quiet).toBe(false);
  expect(tookMs).toBeGreaterThanOrEqual(2400);
});

test('who ends is not waited for, busy or not', async () => {
  expect((await run('exit 3')).tookMs).toBeLessThan(1000);
  const { quiet, tookMs } = await run('sleep 0.3; exit 3');
  expect(quiet).toBe(false);
  expect(tookMs).toBeLessThan(1500);
});

test('what its file says is waited for, idle or not', async () => {
  const { quiet, tookMs } = await run('exec sleep 60', { settleMs: 1500 });
  expect(quiet).toBe(false);
  expect(tookMs).toBeGreaterThanOrEqual(1400);
});

test('who was started long ago is not waited for', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('plain', SLEEPS));
  const begun = Date.now();
  expect(await runsQuiet(engine, id, { ...TIMES, sinceMs: begun - 60_000 }, signal)).toBe(false);
  expect(Date.now() - begun).toBeLessThan(500);
});

test('processor time is told of one that runs, and of no other', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('busy', BUSY));
  const meter = await processorMeter(engine, id);
  const first = await meter!.read();
  await eventually(async () => (await meter!.read())!.usedMs > first!.usedMs + 100);
  expect(await meter!.isAsleep()).toBe(false);
  execFileSync('docker', ['kill', id]);
  expect(await meter!.read()).toBeUndefined();
  expect(await meter!.isAsleep()).toBe(false);
  expect(await processorMeter(engine, id)).toBeUndefined();
  expect(await processorMeter(engine, 'no-such-container')).toBeUndefined();
  expect(await processorMeter({ ...engine, local: false }, id)).toBeUndefined();
});

test('who only sleeps is asleep, and who sleeps beside one that works is not', async () => {
  await using project = new TinyProject(imageId);
  const still = await project.raise(engine, project.service('still', 'sleep 60 & sleep 60'));
  const meter = await processorMeter(engine, still);
  await eventually(() => meter!.isAsleep());
  expect(await meter!.isAsleep()).toBe(true);
  execFileSync('docker', ['exec', '--detach', still, 'sh', '-c', 'while :; do :; done']);
  await eventually(async () => !(await meter!.isAsleep()));
});

test('where it cannot be measured it has to run for its whole time', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('plain', 'exec sleep 60'));
  const sinceMs = Date.now();
  expect(await runsQuiet({ ...engine, local: false }, id, { ...TIMES, sinceMs }, signal)).toBe(false);
  expect(Date.now() - sinceMs).toBeGreaterThanOrEqual(2400);
});
