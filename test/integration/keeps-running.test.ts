import { execFileSync } from 'node:child_process';
import { runsIdle } from '../../activities/keeps-running.ts';
import type { Engine } from '../../adapters/docker/connect.ts';
import { processorMeter } from '../../adapters/docker/processor-time.ts';
import { SLEEPS, eventually, testEngine, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

let engine: Engine;
let imageId: string;
beforeAll(async () => ({ engine, imageId } = await testEngine()));

const { signal } = new AbortController();
const TIMES = { settleMs: 2500, idleMs: 1000 };
const BUSY = 'trap "exit 0" TERM; while :; do :; done';

interface Ran {
  readonly idle: boolean;
  readonly tookMs: number;
}

async function run(script: string, times: { settleMs: number; idleMs?: number } = TIMES): Promise<Ran> {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('plain', script));
  const sinceMs = Date.now();
  const idle = await runsIdle(engine, id, { ...times, sinceMs }, signal);
  return { idle, tookMs: Date.now() - sinceMs };
}

test('who does nothing any more is found idle before its time is over, and not before it ran for a second', async () => {
  const { idle, tookMs } = await run('exec sleep 60');
  expect(idle).toBe(true);
  expect(tookMs).toBeGreaterThanOrEqual(1000);
  expect(tookMs).toBeLessThan(1900);
});

test('who is busy has to run for its whole time', async () => {
  const { idle, tookMs } = await run(BUSY);
  expect(idle).toBe(false);
  expect(tookMs).toBeGreaterThanOrEqual(2400);
});

test('who ends is not waited for, busy or not', async () => {
  expect((await run('exit 3')).tookMs).toBeLessThan(1000);
  // The time that shell scripts give to what they wait for: asleep until then, and gone after it.
  const { idle, tookMs } = await run('sleep 0.9; exit 3');
  expect(idle).toBe(false);
  expect(tookMs).toBeLessThan(1500);
});

test('what its file says is waited for, idle or not', async () => {
  const { idle, tookMs } = await run('exec sleep 60', { settleMs: 1500 });
  expect(idle).toBe(false);
  expect(tookMs).toBeGreaterThanOrEqual(1400);
});

test('who was started long ago is not waited for', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('plain', SLEEPS));
  const begun = Date.now();
  expect(await runsIdle(engine, id, { ...TIMES, sinceMs: begun - 60_000 }, signal)).toBe(false);
  expect(Date.now() - begun).toBeLessThan(500);
});

test('processor time is told of one that runs, and of no other', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('busy', BUSY));
  const meter = await processorMeter(engine, id);
  const first = meter!();
  await eventually(async () => meter!()!.usedMs > first!.usedMs + 100);
  execFileSync('docker', ['kill', id]);
  expect(meter!()).toBeUndefined();
  expect(await processorMeter(engine, id)).toBeUndefined();
  expect(await processorMeter(engine, 'no-such-container')).toBeUndefined();
  expect(await processorMeter({ ...engine, local: false }, id)).toBeUndefined();
});

test('where it cannot be measured it has to run for its whole time', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('plain', 'exec sleep 60'));
  const sinceMs = Date.now();
  expect(await runsIdle({ ...engine, local: false }, id, { ...TIMES, sinceMs }, signal)).toBe(false);
  expect(Date.now() - sinceMs).toBeGreaterThanOrEqual(2400);
});
