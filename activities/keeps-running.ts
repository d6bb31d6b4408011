// Of a container that is asked nothing, running on is the proof. One that does nothing any more has come through its
// start: there is less to wait for.
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../adapters/docker/connect.ts';
import { type ProcessorTime, processorMeter } from '../adapters/docker/processor-time.ts';
import { endsWithin } from '../adapters/docker/wait-container.ts';
import type { Probe } from '../adapters/probes/probe.ts';
import type { QuietTimes } from '../domain/timing.ts';

export interface MereRun {
  /** It has to run so long, milliseconds. */
  readonly settleMs: number;
  /** So long is enough where it is quiet by then. */
  readonly quiet?: QuietTimes | undefined;
  /** Its start, milliseconds since 1970. */
  readonly sinceMs: number;
}

type Running = Extract<Probe, { kind: 'running' }>;

/** Is it asked nothing but to run? */
export function isMereRun(probes: readonly Probe[]): probes is readonly [Running] {
  const [probe, ...others] = probes;
  return probe?.kind === 'running' && probe.ports.length === 0 && others.length === 0;
}

/** Of one processor. A process that only waits uses nothing, or a little now and then. */
const IDLE_SHARE = 0.02;
/** Asleep for this long at the end of the time that is asked of who is. */
const WATCHED_MS = 400;
/** Between two readings nearer to each other than this anybody may be idle. */
const LEAST_APART_MS = 250;

/**
 * Resolves when it has run for its time, when it ended (false), or when it is found quiet (true). Who cannot be measured
 * runs for its whole time. @throws EngineFailure, or the reason of `signal`
 */
export async function runsQuiet(engine: Engine, id: string, run: MereRun, signal: AbortSignal): Promise<boolean> {
  const restMs = run.sinceMs + run.settleMs - Date.now();
  if (restMs <= 0) return false;
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, signal]);
  const ended = endsWithin(engine, id, restMs, until).then(() => false);
  // An engine that does not answer is told by the other one.
  const quiet = becomesQuiet(engine, id, run, until).catch(() => false);
  try {
    return await Promise.race([ended, quiet.then((found) => found || ended)]);
  } finally {
    over.abort();
    await Promise.allSettled([ended, quiet]);
  }
}

async function becomesQuiet(engine: Engine, id: string, run: MereRun, signal: AbortSignal): Promise<boolean> {
  if (run.quiet === undefined) return false;
  const { asleepMs, idleMs } = run.quiet;
  const until = (ranMs: number): number => run.sinceMs + ranMs - Date.now();
  await pause(Math.max(0, until(asleepMs - WATCHED_MS)), undefined, { signal });
  const meter = await processorMeter(engine, id, signal);
  const first = await meter?.read();
  if (meter === undefined || first === undefined) return false;
  await pause(Math.max(LEAST_APART_MS, until(asleepMs)), undefined, { signal });
  const second = await meter.read();
  if (second === undefined) return false;
  if (usedShare(first, second) === 0 && (await meter.isAsleep())) return true;
  await pause(Math.max(LEAST_APART_MS, until(idleMs)), undefined, { signal });
  const third = await meter.read();
  return third !== undefined && usedShare(second, third) <= IDLE_SHARE;
}

/** How much of one processor it used from one reading to the other; not a number where that cannot be told. */
export function usedShare(before: ProcessorTime, after: ProcessorTime): number {
  const usedMs = after.usedMs - before.usedMs;
  const passedMs = after.atMs - before.atMs;
  // Less used than before is another run of it.
  return passedMs >= LEAST_APART_MS && usedMs >= 0 ? usedMs / passedMs : Number.NaN;
}
