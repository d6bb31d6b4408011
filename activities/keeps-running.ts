// Of a container that is asked nothing, running on is the proof. One that does nothing any more has come through its
// start: there is less to wait for.
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../adapters/docker/connect.ts';
import { type ProcessorMeter, type ProcessorTime, processorMeter } from '../adapters/docker/processor-time.ts';
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
/** Who cannot be read any more has ended. */
const READ_EVERY_MS = 250;

/**
 * Resolves when it has run for its time, when it ended (false), or when it is found idle (true). Who cannot be measured
 * runs for its whole time. @throws EngineFailure, or the reason of `signal`
 */
export async function runsIdle(engine: Engine, id: string, run: MereRun, signal: AbortSignal): Promise<boolean> {
  const untilMs = run.sinceMs + run.settleMs;
  if (untilMs <= Date.now()) return false;
  const meter = run.idleMs === undefined ? undefined : await processorMeter(engine, id, signal);
  if (meter !== undefined && run.idleMs !== undefined) {
    // Reading spares the engine a question for each of a crowd.
    const found = await becomesIdle(meter, run.sinceMs + run.idleMs, signal);
    if (found !== 'busy') return found === 'idle';
  }
  await endsWithin(engine, id, untilMs - Date.now(), signal);
  return false;
}

async function becomesIdle(
  read: ProcessorMeter,
  untilMs: number,
  signal: AbortSignal,
): Promise<'idle' | 'busy' | 'ended'> {
  const after = async (ms: number): Promise<ProcessorTime | undefined> => {
    for (const endMs = Date.now() + ms; ;) {
      const leftMs = endMs - Date.now();
      const reading = read();
      if (leftMs <= 0 || reading === undefined) return reading;
      await pause(Math.min(READ_EVERY_MS, leftMs), undefined, { signal });
    }
  };
  const first = await after(untilMs - WATCHED_MS - Date.now());
  const last = first && (await after(Math.max(LEAST_APART_MS, untilMs - Date.now())));
  if (first === undefined || last === undefined) return 'ended';
  return isIdle(first, last) ? 'idle' : 'busy';
}

/** Did it do next to nothing from one reading to the other? Less used than before is another run of it. */
export function isIdle(before: ProcessorTime, after: ProcessorTime): boolean {
  const usedMs = after.usedMs - before.usedMs;
  const passedMs = after.atMs - before.atMs;
  return passedMs >= LEAST_APART_MS && usedMs >= 0 && usedMs <= IDLE_SHARE * passedMs;
}
