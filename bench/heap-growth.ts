// Does the worker's heap grow with every deployment? Bytes a deployment between the 50th and the 200th no-op.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_IMAGE } from '../test/support/test-image.ts';
import { poll } from '../server/processes.ts';
import { readAddressFile } from '../server/address-file.ts';
import { type Bench, heapFile } from './dive-command.ts';
import type { BenchProject } from './projects.ts';
import { diveDown, diveUp } from './raise.ts';

const FROM = 50;
const TO = 200;

export async function heapGrowthPerDeployment(bench: Bench, say: (line: string) => void): Promise<number> {
  const project: BenchProject = { name: 't-bench-heap', folder: join(bench.root, 'heap') };
  mkdirSync(project.folder);
  const services = { one: { image: TEST_IMAGE, command: ['sleep', '86400'], stop_grace_period: '0s' } };
  writeFileSync(join(project.folder, 'compose.yaml'), JSON.stringify({ name: project.name, services }));
  try {
    await diveUp(bench, project);
    for (let n = 0; n < FROM; n += 1) await diveUp(bench, project);
    const worker = workerOf(bench.home);
    const before = await heapBytes(bench.home, worker);
    for (let n = FROM; n < TO; n += 1) await diveUp(bench, project);
    if (workerOf(bench.home) !== worker) throw new Error('the worker was restarted meanwhile: measure again');
    const after = await heapBytes(bench.home, worker);
    say(`worker's heap: ${kb(before)} after ${FROM} deployments, ${kb(after)} after ${TO}`);
    return Math.round((after - before) / (TO - FROM));
  } finally {
    await diveDown(bench, project);
  }
}

const kb = (bytes: number): string => `${Math.round(bytes / 1024)} kB`;

function workerOf(home: string): number {
  const worker = readAddressFile(home)?.children?.['worker'];
  if (worker === undefined) throw new Error('no worker runs');
  return worker;
}

async function heapBytes(home: string, worker: number): Promise<number> {
  const file = heapFile(home);
  rmSync(file, { force: true });
  process.kill(worker, 'SIGHUP');
  const written = await poll(
    () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined),
    5_000,
  );
  if (written === undefined) throw new Error('the worker did not say how large its heap is');
  return written;
}
