// From the engine's events, the stand-ins' own word and our verdicts: the critical path and what we add to it. Pure.
import type { EngineCost } from './engine-cost.ts';
import type { EngineEvent } from './engine-events.ts';
import type { StandIn } from './stand-in-hub.ts';

export interface ServiceTimes {
  readonly service: string;
  readonly after: readonly string[];
  readonly readyS: number;
  /** Instants, milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly startedAtMs: number;
  readonly readyAtMs: number;
  readonly verdictAtMs: number;
  /** What the engine itself needed for the start. */
  readonly engineStartMs: number;
}

export interface Observed {
  readonly events: readonly EngineEvent[];
  /** When each stand-in said `ready`. */
  readonly readyAtMs: ReadonlyMap<string, number>;
  /** When we knew. */
  readonly verdictAtMs: ReadonlyMap<string, number>;
}

/** @throws Error naming the service of which something is missing */
export function serviceTimes(
  services: readonly StandIn[],
  project: string,
  seen: Observed,
  cost: EngineCost,
): ServiceTimes[] {
  const own = seen.events.filter((e) => e.type === 'container' && e.project === project);
  return services.map((s) => {
    const created = own.find((e) => e.action === 'create' && e.service === s.name);
    const started = own.find((e) => e.action === 'start' && e.service === s.name);
    const connected = seen.events.find((e) => e.action === 'connect' && e.container === created?.container);
    const readyAtMs = seen.readyAtMs.get(s.name);
    const verdictAtMs = seen.verdictAtMs.get(s.name);
    if (!created || !started || !connected || readyAtMs === undefined || verdictAtMs === undefined) {
      throw new Error(`the run of ${s.name} left no complete record`);
    }
    return {
      service: s.name,
      after: s.after,
      readyS: s.readyS,
      createdAtMs: created.atMs,
      startedAtMs: started.atMs,
      readyAtMs,
      verdictAtMs,
      engineStartMs: started.atMs - connected.atMs + cost.startLeadMs,
    };
  });
}

/**
 * The shortest time in which anybody could be done, milliseconds: the longest sum of readiness and engine starts along
 * the edges. Only what comes first waits for its creation; all else can be created meanwhile.
 */
export function criticalPathMs(times: readonly ServiceTimes[], cost: EngineCost): number {
  const byName = new Map(times.map((t) => [t.service, t]));
  const end = (t: ServiceTimes): number => {
    const before = t.after.map((name) => byName.get(name)).filter((d) => d !== undefined);
    const from = before.length === 0 ? cost.createMs : Math.max(...before.map(end));
    return from + t.engineStartMs + t.readyS * 1000;
  };
  return Math.max(...times.map(end));
}

export interface Overhead {
  readonly service: string;
  /** From the last dependency ready to the container started, without the engine's own time. */
  readonly startMs: number;
  /** From ready to known. */
  readonly verdictMs: number;
}

/** A service without dependencies could start once it was created and its network was there. */
export function overheads(times: readonly ServiceTimes[]): Overhead[] {
  const byName = new Map(times.map((t) => [t.service, t]));
  return times.map((t) => {
    const readyAt = t.after.map((name) => byName.get(name)?.readyAtMs ?? 0);
    const couldStartAtMs = Math.max(t.createdAtMs, ...readyAt);
    return {
      service: t.service,
      startMs: Math.max(0, t.startedAtMs - couldStartAtMs - t.engineStartMs),
      verdictMs: Math.max(0, t.verdictAtMs - t.readyAtMs),
    };
  });
}
