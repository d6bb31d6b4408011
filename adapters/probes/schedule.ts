// How long to wait between two tries. Pure.
import type { Probe } from './probe.ts';

/** [from this many milliseconds after the start of the container, wait this many] */
type Steps = readonly (readonly [number, number])[];

const CHEAP: Steps = [
  [0, 50],
  [10_000, 100],
  [60_000, 250],
];
/** A command costs some 80 ms of processor time. */
const COSTLY: Steps = [
  [0, 100],
  [3000, 250],
  [60_000, 1000],
];

const STILL_RUNS_MS = 500;
const SHORTEST_MS = 50;

/** As much of a probe as decides. */
type Asked =
  | Pick<Exclude<Probe, { kind: 'running' }>, 'kind'>
  | Pick<Extract<Probe, { kind: 'running' }>, 'kind' | 'ports' | 'settleMs'>;

/**
 * Milliseconds to wait after a try that failed: short at first, longer later. Around the moment its history says it
 * will be ready (`expectedMs` after its start) it is short again, and before that, longer.
 */
export function nextTryMs(probe: Asked, elapsedMs: number, expectedMs?: number): number {
  // That it keeps running is known when the time is up. Who waits hears of its end.
  if (probe.kind === 'running' && probe.ports.length === 0) {
    return elapsedMs < probe.settleMs ? Math.max(SHORTEST_MS, probe.settleMs - elapsedMs) : STILL_RUNS_MS;
  }
  const cheap = probe.kind === 'http' || probe.kind === 'tcp' || probe.kind === 'running';
  const steps = cheap ? CHEAP : COSTLY;
  const shortest = steps[0]?.[1] ?? 100;
  if (expectedMs !== undefined && expectedMs > 1000) {
    if (elapsedMs < expectedMs * 0.7) return Math.min(5 * shortest, Math.max(shortest, expectedMs * 0.8 - elapsedMs));
    if (elapsedMs < expectedMs * 1.5) return shortest;
  }
  return steps.findLast(([from]) => elapsedMs >= from)?.[1] ?? shortest;
}

/** Between two tries of a command that is asked inside its container. */
export interface Rest {
  /** Shortest, milliseconds, when something tells that it is worth asking. */
  readonly leastMs: number;
  readonly ms: number;
}

/** Most services that start quickly are ready by then. */
const QUICK_MS = 3000;
export const LEAST_REST_MS = 30;
/** For how long a command that takes long may leave a service unasked. */
export const LONGEST_REST_MS = 1000;

/**
 * A try takes processor time that the service needs to become ready. Long before it usually is (`expectedMs` after its
 * start) it is asked rarely, in its first seconds often, and then less the longer it has been waited for.
 */
export function restBetween(tried: {
  readonly tookMs: number;
  /** Since the waiting began. */
  readonly elapsedMs: number;
  readonly expectedMs?: number | undefined;
}): Rest {
  const { tookMs, elapsedMs, expectedMs = 0 } = tried;
  const leastMs = Math.max(LEAST_REST_MS, Math.round(Math.min(tookMs, LONGEST_REST_MS)));
  const rest = (times: number, least: number): Rest => {
    const byTry = Math.min(tookMs * times, LONGEST_REST_MS);
    return { leastMs, ms: Math.round(Math.max(leastMs, byTry, least)) };
  };
  if (elapsedMs < expectedMs * 0.6) return rest(4, expectedMs * 0.02);
  return elapsedMs < QUICK_MS ? rest(2, 0) : rest(4, elapsedMs * 0.01);
}
