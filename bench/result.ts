// All rounds in one object, and the table that shows it.
import type { CliTimes } from './cli-times.ts';
import type { CrowdPair } from './crowds.ts';
import type { HubRound } from './hub.ts';
import type { Machine } from './machine.ts';
import type { EngineCalls, NamedRun } from './raise.ts';
import type { CrowdKind } from './projects.ts';
import type { RealHubRound } from './real-hub.ts';
import { median, percentile } from './statistics.ts';

/** Where it was measured, and every single run. */
export interface Measured {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  readonly runs: readonly NamedRun[];
}

export interface BenchResult extends Measured {
  /** Ours divided by theirs; null where it was not measured (`--quick`). */
  readonly ratio: {
    readonly vsComposeShipped: number;
    readonly vsComposeTuned: number;
    readonly vsCriticalPath: number;
    readonly noop: number;
    /** Median over pairs of neighbouring runs. */
    readonly many: number | null;
    readonly deep: number | null;
    /** With `x-dive.settle: 0s`: of a service without a check Compose proves only that it runs. */
    readonly deepAsCompose: number | null;
  };
  readonly engineCalls: { readonly deploy: EngineCalls; readonly noop: EngineCalls };
  readonly historyEvents: number;
  readonly maxPayloadBytes: number;
  readonly overheadPerServiceMs: { readonly p50: number; readonly p95: number };
  readonly cliMs: CliTimes;
}

/** What `--hub` measures. */
export interface HubResult extends Measured {
  readonly hub: {
    readonly vsComposeTuned: number;
    readonly vsComposeShipped: number;
    readonly vsCriticalPath: number;
    readonly noop: number;
    /** MiB, the hub's processes. */
    readonly pssMb: number;
  };
  /** MiB, the idle server: Temporal, PostgreSQL, the worker and what watches over them. */
  readonly serverPssMb: number;
  /** Bytes that the worker's heap holds more after each deployment that finds nothing to do. */
  readonly heapBytesPerDeployment: number;
  /** Seconds from `npm start` to the hub proven, where the images are built and nothing of it runs. */
  readonly npmStartS: number;
  /** 100 HTTP probes at once, the slowest answering after 2 s: all of them divided by that. */
  readonly probes: number;
}

export function medianOf(runs: readonly NamedRun[], name: string): number {
  return median(runs.filter((r) => r.name === name).map((r) => r.wallMs));
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** @throws Error when the first round lacks what only it measures */
export function summarise(
  where: Pick<BenchResult, 'machine' | 'versions' | 'commit'>,
  rounds: readonly HubRound[],
  crowds: readonly CrowdPair[],
): BenchResult {
  const [first] = rounds;
  if (first?.cli === undefined) throw new Error('no round was run');
  const runs = [...rounds.flatMap((r) => r.runs), ...crowds.flatMap((pair) => [pair.theirs, pair.ours])];
  const ours = medianOf(runs, 'dive');
  const theirNoops = runs.filter((r) => r.name === 'compose-shipped-noop' || r.name === 'compose-tuned-noop');
  const overhead = rounds.flatMap((r) => r.overheads).map((o) => o.startMs + o.verdictMs);
  const ratio = (a: number, b: number): number => round(a / b, 3);
  const crowd = (kind: CrowdKind): number | null => {
    const pairs = crowds.filter((pair) => pair.kind === kind);
    return pairs.length === 0 ? null : round(median(pairs.map((pair) => pair.ours.wallMs / pair.theirs.wallMs)), 3);
  };
  return {
    ...where,
    runs: runs.map((r) => ({ name: r.name, wallMs: Math.round(r.wallMs) })),
    ratio: {
      vsComposeShipped: ratio(ours, medianOf(runs, 'compose-shipped')),
      vsComposeTuned: ratio(ours, medianOf(runs, 'compose-tuned')),
      vsCriticalPath: round(median(rounds.map((r) => wallOf(r, 'dive') / r.criticalPathMs)), 3),
      noop: ratio(medianOf(runs, 'dive-noop'), median(theirNoops.map((r) => r.wallMs))),
      many: crowd('many'),
      deep: crowd('deep'),
      deepAsCompose: crowd('deepAsCompose'),
    },
    engineCalls: {
      deploy: first.engineCalls.deploy,
      noop: worst(rounds.map((r) => r.engineCalls.noop)),
    },
    historyEvents: Math.max(...rounds.map((r) => r.history.events)),
    maxPayloadBytes: Math.max(...rounds.map((r) => r.history.maxPayloadBytes)),
    overheadPerServiceMs: { p50: round(percentile(overhead, 0.5), 0), p95: round(percentile(overhead, 0.95), 0) },
    cliMs: {
      node: round(first.cli.node, 0),
      help: round(first.cli.help, 0),
      status: round(first.cli.status, 0),
    },
  };
}

function wallOf(one: HubRound, name: string): number {
  return medianOf(one.runs, name);
}

function worst(calls: readonly EngineCalls[]): EngineCalls {
  const most = (of: keyof EngineCalls): number => Math.max(...calls.map((c) => c[of]));
  return { read: most('read'), exec: most('exec'), mutate: most('mutate') };
}

export function summariseHub(
  where: Pick<HubResult, 'machine' | 'versions' | 'commit'>,
  rounds: readonly RealHubRound[],
  more: Pick<HubResult, 'heapBytesPerDeployment' | 'probes' | 'npmStartS'>,
): HubResult {
  const runs = rounds.flatMap((r) => r.runs);
  const of = (name: string): number => medianOf(runs, name);
  const noops = runs.filter((r) => /^hub-compose-.*-noop$/.test(r.name));
  const wall = (r: RealHubRound): number => medianOf(r.runs, 'hub-dive');
  return {
    ...where,
    runs: runs.map((r) => ({ name: r.name, wallMs: Math.round(r.wallMs) })),
    hub: {
      vsComposeTuned: round(of('hub-dive') / of('hub-compose-tuned'), 3),
      vsComposeShipped: round(of('hub-dive') / of('hub-compose-shipped'), 3),
      vsCriticalPath: round(median(rounds.map((r) => wall(r) / r.criticalPathMs)), 3),
      noop: round(of('hub-dive-noop') / median(noops.map((r) => r.wallMs)), 3),
      pssMb: Math.max(...rounds.map((r) => r.pssMb)),
    },
    serverPssMb: Math.max(...rounds.map((r) => r.serverPssMb)),
    ...more,
    npmStartS: round(more.npmStartS, 1),
  };
}
