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
 * The shortest time in which anybody could be done, milliseconds: the network, then the longest sum of readiness and
 * engine starts along the edges. Only what comes first waits for its creation; all else can be created meanwhile.
 */
export function criticalPathMs(times: readonly ServiceTimes[], cost: EngineCost): number {
  const byName = new Map(times.map((t) => [t.service, t]));
  const end = (t: ServiceTimes): number => {
    const before = t.after.map((name) => byName.get(name)).filter((d) => d !== undefined);
    const from = before.length === 0 ? cost.networkMs + cost.createMs : Math.max(...before.map(end));
    return from + t.engineStartMs + t.readyS * 1000;
  };
  return Math.max(...times.map(end));
}

export interface Overhead {
  readonly service: string;
  /**
   * From the moment it could have been started (its last dependency was ready, or the first container was asked for)
   * to its start, without the engine's own time for it and without the time in which the engine was starting as many
   * others as there are cores: sooner it could not have been asked for one more.
   */
  readonly startMs: number;
  /** From ready to known. */
  readonly verdictMs: number;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function overheads(times: readonly ServiceTimes[], cost: EngineCost, cores: number): Overhead[] {
  const byName = new Map(times.map((t) => [t.service, t]));
  const firstAskedMs = Math.min(...times.map((t) => t.createdAtMs)) - cost.createMs;
  const work = times.map((t) => ({ ...engineWork(t, cost), service: t.service }));
  return times.map((t) => {
    const readyAt = t.after.map((name) => byName.get(name)?.readyAtMs ?? 0);
    const could = { fromMs: Math.max(firstAskedMs, ...readyAt), toMs: engineWork(t, cost).fromMs };
    const others = work.filter((w) => w.service !== t.service);
    return {
      service: t.service,
      startMs: Math.max(0, could.toMs - could.fromMs - fullMs(others, could, cores)),
      verdictMs: Math.max(0, t.verdictAtMs - t.readyAtMs),
    };
  });
}

/** When the engine was at work for its start; for one that nothing comes before, its creation too. */
function engineWork(t: ServiceTimes, cost: EngineCost): Span {
  const fromMs = t.startedAtMs - t.engineStartMs;
  return { fromMs: t.after.length === 0 ? fromMs - cost.createMs : fromMs, toMs: t.startedAtMs };
}

/** How long within `during` at least `cores` of the spans lay over each other. */
function fullMs(spans: readonly Span[], during: Span, cores: number): number {
  const inside = spans
    .map((s) => ({ fromMs: Math.max(s.fromMs, during.fromMs), toMs: Math.min(s.toMs, during.toMs) }))
    .filter((s) => s.toMs > s.fromMs);
  const marks = [...new Set(inside.flatMap((s) => [s.fromMs, s.toMs]))].toSorted((a, b) => a - b);
  return marks.reduce((sum, from, n) => {
    const to = marks[n + 1] ?? from;
    const under = inside.filter((s) => s.fromMs <= from && s.toMs >= to).length;
    return under >= cores ? sum + to - from : sum;
  }, 0);
}
