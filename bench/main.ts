// `npm run bench`: ours and Compose's, side by side, in one run. Words go to stderr with --json, the object to stdout.
import { inspect } from 'node:util';
import { composeCommand } from '../test/support/compose-command.ts';
import { makeTestImage } from '../test/support/test-image.ts';
import { type CrowdPair, crowdPair, pairsOf } from './crowds.ts';
import { openBench } from './dive-command.ts';
import { type EngineCost, measureEngineCost } from './engine-cost.ts';
import { benchFlags } from './flags.ts';
import { type HubRound, hubRound } from './hub.ts';
import { removeLeftovers } from './leftovers.ts';
import { commit, machine, versions } from './machine.ts';
import { heapGrowthPerDeployment } from './heap-growth.ts';
import { manyProbes } from './many-probes.ts';
import { npmStart } from './npm-start.ts';
import { CROWD_KINDS } from './projects.ts';
import { type RealHubRound, realHubRound } from './real-hub.ts';
import { realHub } from './real-hub-project.ts';
import { type BenchResult, type HubResult, summarise, summariseHub } from './result.ts';
import { hubTable, table } from './table.ts';

const flags = benchFlags(process.argv.slice(2));
const say = (line: string): void => void (flags.json ? process.stderr : process.stdout).write(`${line}\n`);

interface Where {
  readonly compose: readonly string[];
  readonly about: Pick<BenchResult, 'machine' | 'versions' | 'commit'>;
}

function lookAround(): Where {
  makeTestImage();
  const compose = composeCommand();
  const where = { machine: machine(), versions: versions(compose), commit: commit() };
  say(`${where.machine.cores} × ${where.machine.cpu}, ${where.machine.memoryGb} GB; commit ${where.commit}`);
  say(
    `${Object.entries(where.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · ')}`,
  );
  return { compose, about: where };
}

async function engineCost(): Promise<EngineCost> {
  const cost = await measureEngineCost();
  say(
    `the engine, idle: ${Math.round(cost.networkMs)} ms a network, ${Math.round(cost.createMs)} ms a create, ${Math.round(cost.startLeadMs)} ms before a start shows`,
  );
  return cost;
}

async function measureHub(): Promise<HubResult> {
  const { compose, about } = lookAround();
  const start = await npmStart(compose, say);
  await using bench = await openBench(say, true);
  const cost = await engineCost();
  const hub = await realHub(bench.root, compose);
  const rounds: RealHubRound[] = [];
  for (let n = 0; n < flags.repeats; n += 1) rounds.push(await realHubRound({ bench, compose, cost, say }, hub, n));
  const probes = await manyProbes();
  const heapBytesPerDeployment = await heapGrowthPerDeployment(bench, say);
  return summariseHub(about, rounds, { probes, heapBytesPerDeployment, npmStartS: start.wallMs / 1000 });
}

async function measure(): Promise<BenchResult> {
  const { compose, about } = lookAround();
  await using bench = await openBench(say);
  const cost = await engineCost();
  const rounds: HubRound[] = [];
  for (let n = 0; n < flags.repeats; n += 1) rounds.push(await hubRound({ bench, compose, cost, say }, n));
  for (const { overheads } of rounds)
    say(
      `overhead ${overheads.map((o) => `${o.service} ${Math.round(o.startMs)}+${Math.round(o.verdictMs)}`).join(', ')} ms`,
    );
  const crowds: CrowdPair[] = [];
  if (!flags.quick) {
    for (const kind of CROWD_KINDS)
      for (let n = 0; n < pairsOf(flags.repeats); n += 1)
        crowds.push(await crowdPair({ bench, compose, say }, kind, n));
  }
  return summarise(about, rounds, crowds);
}

async function main(): Promise<void> {
  await removeLeftovers(say);
  const base = await measure();
  const more = flags.hub ? await measureHub() : undefined;
  say('');
  for (const line of [...table(base), ...(more ? hubTable(more) : [])]) say(line);
  const result = more ? { ...base, ...more, runs: [...base.runs, ...more.runs] } : base;
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${inspect(error)}\n`);
  process.exitCode = 1;
});
