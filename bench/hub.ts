// The nine-service hub, three ways, in turn: Compose as the old hub had it, Compose tuned, and dive.
import { availableParallelism } from 'node:os';
import { type CliTimes, cliTimes } from './cli-times.ts';
import type { Bench } from './dive-command.ts';
import type { EngineCost } from './engine-cost.ts';
import { recordEvents } from './engine-events.ts';
import { engineRequests } from './engine-requests.ts';
import { type HistorySize, historySize } from './history.ts';
import { type BenchProject, hubProjects } from './projects.ts';
import { type EngineCalls, type NamedRun, andDown, composeRun, diveDown, diveUp, readyInstants } from './raise.ts';
import { HUB } from './stand-in-hub.ts';
import { type Overhead, type ServiceTimes, criticalPathMs, overheads, serviceTimes } from './timeline.ts';

export interface HubRound {
  readonly runs: readonly NamedRun[];
  readonly criticalPathMs: number;
  readonly times: readonly ServiceTimes[];
  readonly overheads: readonly Overhead[];
  readonly engineCalls: { readonly deploy: EngineCalls; readonly noop: EngineCalls };
  readonly history: HistorySize;
  /** Only in the first round. */
  readonly cli?: CliTimes;
}

export interface HubBench {
  readonly bench: Bench;
  readonly compose: readonly string[];
  readonly cost: EngineCost;
  readonly say: (line: string) => void;
}

export async function hubRound(context: HubBench, round: number): Promise<HubRound> {
  const projects = hubProjects(context.bench.root);
  const shipped = await composeRun(context, projects.shipped, 'compose-shipped');
  const tuned = await composeRun(context, projects.tuned, 'compose-tuned');
  const ours = await diveRun(context, projects.ours, round === 0);
  return { ...ours, runs: [...shipped, ...tuned, ...ours.runs] };
}

async function diveRun(context: HubBench, project: BenchProject, withCli: boolean): Promise<HubRound> {
  const { bench, compose, cost, say } = context;
  return andDown(compose, project, async () => {
    await using record = await recordEvents();
    const up = await diveUp(bench, project);
    const history = await historySize(bench.home, up.instance);
    const names = HUB.map((s) => s.name);
    const seen = {
      events: record.events,
      requests: engineRequests(bench.home),
      verdictAtMs: up.verdictAtMs,
      readyAtMs: await readyInstants(project, names),
    };
    const times = serviceTimes(HUB, project.name, seen, cost);
    const noop = await diveUp(bench, project);
    const pathMs = criticalPathMs(times, cost);
    say(`dive: up ${Math.round(up.wallMs)} ms, again ${Math.round(noop.wallMs)} ms; path ${Math.round(pathMs)} ms`);
    const cli = withCli ? await cliTimes(bench, project.folder) : undefined;
    await diveDown(bench, project);
    return {
      runs: [
        { name: 'dive', wallMs: up.wallMs },
        { name: 'dive-noop', wallMs: noop.wallMs },
      ],
      criticalPathMs: pathMs,
      times,
      overheads: overheads(times, availableParallelism()),
      engineCalls: { deploy: up.engineCalls, noop: noop.engineCalls },
      history,
      ...(cli === undefined ? {} : { cli }),
    };
  });
}
