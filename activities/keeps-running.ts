// Of a container that is asked nothing, running on is the proof. One that does nothing any more has come through its
// start: there is less to wait for.
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../adapters/docker/connect.ts';
import { type ProcessorTime, processorMeter } from '../adapters/docker/processor-time.ts';
import { endsWithin } from '../adapters/docker/wait-container.ts';
import type { Probe } from '../adapters/probes/probe.ts';

export interface MereRun {
  /** It has to run so long, milliseconds. */
  readonly settleMs: number;
  /** So long is enough where it is idle by then. */
  readonly idleMs?: number | undefined;
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
/** Idle for this long at the end of the time that is asked of who is idle. */
const WATCHED_MS = 500;
/** Between two readings nearer to each other than this anybody may be idle. */
const LEAST_APART_MS = 250;

/**
 * Resolves when it has run for its time, when it ended (false), or when it is found idle (true). Who cannot be measured
 * runs for its whole time. @throws EngineFailure, or the reason of `signal`
 */
export async function runsIdle(engine: Engine, id: string, run: MereRun, signal: AbortSignal): Promise<boolean> {
  const restMs = run.sinceMs + run.settleMs - Date.now();
  if (restMs <= 0) return false;
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, signal]);
  const ended = endsWithin(engine, id, restMs, until).then(() => false);
  // An engine that does not answer is told by the other one.
  const idle = becomesIdle(engine, id, run, until).catch(() => false);
  try {
    return await Promise.race([ended, idle.then((found) => found || ended)]);
  } finally {
    over.abort();
    await Promise.allSettled([ended, idle]);
  }
}

async function becomesIdle(engine: Engine, id: string, run: MereRun, signal: AbortSignal): Promise<boolean> {
  if (run.idleMs === undefined) return false;
  const untilMs = run.sinceMs + run.idleMs;
  await pause(Math.max(0, untilMs - WATCHED_MS - Date.now()), undefined, { signal });
  const meter = await processorMeter(engine, id, signal);
  const before = await meter?.();
  if (before === undefined) return false;
  await pause(Math.max(LEAST_APART_MS, untilMs - Date.now()), undefined, { signal });
  const after = await meter?.();
  return after !== undefined && isIdle(before, after);
}

/** Did it do next to nothing from one reading to the other? Less used than before is another run of it. */
export function isIdle(before: ProcessorTime, after: ProcessorTime): boolean {
  const usedMs = after.usedMs - before.usedMs;
  const passedMs = after.atMs - before.atMs;
  return passedMs >= LEAST_APART_MS && usedMs >= 0 && usedMs <= IDLE_SHARE * passedMs;
}
