// `npm run bench`: ours and Compose's, side by side, in one run. Words go to stderr with --json, the object to stdout.
import { composeCommand } from '../test/support/compose-command.ts';
import { makeTestImage } from '../test/support/test-image.ts';
import { crowdRound } from './crowds.ts';
import { openBench } from './dive-command.ts';
import { measureEngineCost } from './engine-cost.ts';
import { benchFlags } from './flags.ts';
import { type HubRound, type NamedRun, hubRound } from './hub.ts';
import { commit, machine, versions } from './machine.ts';
import { type BenchResult, summarise } from './result.ts';
import { table } from './table.ts';

const flags = benchFlags(process.argv.slice(2));
const say = (line: string): void => void (flags.json ? process.stderr : process.stdout).write(`${line}\n`);

async function measure(): Promise<BenchResult> {
  makeTestImage();
  const compose = composeCommand();
  const where = { machine: machine(), versions: versions(compose), commit: commit() };
  say(`${where.machine.cores} × ${where.machine.cpu}, ${where.machine.memoryGb} GB; commit ${where.commit}`);
  say(
    `${Object.entries(where.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · ')}`,
  );
  await using bench = await openBench(say);
  const cost = await measureEngineCost();
  say(
    `the engine, idle: ${Math.round(cost.networkMs)} ms a network, ${Math.round(cost.createMs)} ms a create, ${Math.round(cost.startLeadMs)} ms before a start shows`,
  );
  const rounds: HubRound[] = [];
  for (let n = 0; n < flags.repeats; n += 1) rounds.push(await hubRound({ bench, compose, cost, say }, n));
  for (const { overheads } of rounds)
    say(
      `overhead ${overheads.map((o) => `${o.service} ${Math.round(o.startMs)}+${Math.round(o.verdictMs)}`).join(', ')} ms`,
    );
  const crowds: NamedRun[] = [];
  if (!flags.quick) {
    for (const kind of ['many', 'deep'] as const)
      for (let n = 0; n < flags.repeats; n += 1) crowds.push(...(await crowdRound({ bench, compose, say }, kind, n)));
  }
  return summarise(where, rounds, crowds);
}

measure().then(
  (result) => {
    say('');
    for (const line of table(result)) say(line);
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
