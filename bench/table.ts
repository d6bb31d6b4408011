// The result for people: each number beside what it is measured against and what it should be.
import { type BenchResult, type HubResult, medianOf } from './result.ts';

interface Row {
  readonly what: string;
  readonly value: string;
  readonly target: string;
  /** Undefined: no target, or not measured. */
  readonly met?: boolean | undefined;
}

const PAYLOAD_LIMIT = 64 * 1024;
const EVENT_LIMIT = 1_500;

export function table(result: BenchResult): string[] {
  return aligned([...timeRows(result), ...ratioRows(result), ...countRows(result), ...cliRows(result)]);
}

export function hubTable(result: HubResult): string[] {
  const { hub } = result;
  return aligned([
    ...timeRows(result),
    below('hub: ours / Compose, 1 s intervals', hub.vsComposeTuned, 0.95),
    below('hub: ours / Compose, shipped intervals', hub.vsComposeShipped, 0.7),
    below('hub: ours / critical path', hub.vsCriticalPath, 1.06),
    below('hub: no-op: ours / Compose', hub.noop, 0.7),
    below('hub, PSS', hub.pssMb, 1_200, ' MiB'),
    below('idle server, PSS', result.serverPssMb, 450, ' MiB'),
    below('npm start, images built', result.npmStartS, 45, ' s'),
    below("worker's heap, growth a deployment", result.heapBytesPerDeployment, 50_000, ' B'),
    below('100 HTTP probes / the slowest answer', result.probes, 1.2),
  ]);
}

function aligned(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map((r) => r.what.length));
  const wide = Math.max(...rows.map((r) => r.value.length));
  return rows.map((r) => {
    const mark = r.met === undefined ? '' : r.met ? '  met' : '  MISSED';
    return `${r.what.padEnd(width)}  ${r.value.padStart(wide)}  ${r.target}${mark}`.trimEnd();
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** Median and spread of each kind of run, in the order they were run. */
function timeRows(result: Pick<BenchResult, 'runs'>): Row[] {
  return [...new Set(result.runs.map((r) => r.name))].map((name) => {
    const all = result.runs.filter((r) => r.name === name).map((r) => r.wallMs);
    const spread = all.length < 2 ? '' : `${seconds(Math.min(...all))} – ${seconds(Math.max(...all))}`;
    return { what: name, value: seconds(medianOf(result.runs, name)), target: spread };
  });
}

function below(what: string, value: number | null, limit: number, unit = ''): Row {
  if (value === null) return { what, value: '–', target: `≤ ${limit}${unit}` };
  return { what, value: `${value}${unit}`, target: `≤ ${limit}${unit}`, met: value <= limit };
}

function ratioRows({ ratio }: BenchResult): Row[] {
  return [
    below('ours / Compose, shipped intervals', ratio.vsComposeShipped, 0.35),
    below('ours / Compose, 1 s intervals', ratio.vsComposeTuned, 1),
    below('ours / critical path', ratio.vsCriticalPath, 1.1),
    below('no-op: ours / Compose', ratio.noop, 0.7),
    below('200 services: ours / Compose', ratio.many, 1),
    below('chain of 60: ours / Compose', ratio.deep, 1),
    below('chain of 60, settle 0s: ours / Compose', ratio.deepAsCompose, 1),
  ];
}

function countRows(result: BenchResult): Row[] {
  const { deploy, noop } = result.engineCalls;
  return [
    { what: 'engine calls, deploy', value: `${deploy.read} + ${deploy.exec} + ${deploy.mutate}`, target: CALLS },
    { what: 'engine calls, no-op', value: `${noop.read} + ${noop.exec} + ${noop.mutate}`, target: CALLS },
    below('changing calls, no-op', noop.mutate, 0),
    below('history events', result.historyEvents, EVENT_LIMIT),
    below('largest payload', result.maxPayloadBytes, PAYLOAD_LIMIT, ' B'),
    below('overhead per service, P50', result.overheadPerServiceMs.p50, 100, ' ms'),
    below('overhead per service, P95', result.overheadPerServiceMs.p95, 250, ' ms'),
  ];
}

const CALLS = 'read + exec + mutate';

function cliRows({ cliMs }: BenchResult): Row[] {
  return [
    { what: 'node -e 0', value: `${cliMs.node} ms`, target: '' },
    below('dive --help', cliMs.help, cliMs.node + 100, ' ms'),
    below('dive status', cliMs.status, cliMs.node + 350, ' ms'),
  ];
}
