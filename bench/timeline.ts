// From the engine's events, the stand-ins' own word and our verdicts: the critical path and what we add to it. Pure.
import type { EngineCost } from './engine-cost.ts';
import type { EngineEvent } from './engine-events.ts';
import type { EngineRequest } from './engine-requests.ts';
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

/** The same of a run in which the worker's requests were written down. */
export interface AskedTimes extends ServiceTimes {
  /** When the engine was asked to create its container, and to start it. */
  readonly createAskedAtMs: number;
  readonly startAskedAtMs: number;
}

export interface Observed {
  readonly events: readonly EngineEvent[];
  readonly requests: readonly EngineRequest[];
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
): AskedTimes[] {
  const own = seen.events.filter((e) => e.type === 'container' && e.project === project);
  return services.map((s) => {
    const created = own.find((e) => e.action === 'create' && e.service === s.name);
    const started = own.find((e) => e.action === 'start' && e.service === s.name);
    const connected = seen.events.find((e) => e.action === 'connect' && e.container === created?.container);
    const createAsked = seen.requests.findLast((r) => r.kind === 'create' && r.container === created?.name);
    const startAsked = seen.requests.findLast((r) => r.kind === 'start' && r.container === created?.container);
    const readyAtMs = seen.readyAtMs.get(s.name);
    const verdictAtMs = seen.verdictAtMs.get(s.name);
    if (!created || !started || !connected || !createAsked || !startAsked)
      throw new Error(`the run of ${s.name} left no complete record`);
    if (readyAtMs === undefined || verdictAtMs === undefined) {
      throw new Error(`the run of ${s.name} left no complete record`);
    }
    return {
      service: s.name,
      after: s.after,
      readyS: s.readyS,
      createAskedAtMs: createAsked.atMs,
      createdAtMs: created.atMs,
      startAskedAtMs: startAsked.atMs,
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
   * From the moment that its last dependency was known to be ready (or the first container was asked for) until its
   * start was asked of the engine, without the engine's own time for its creation and without the time in which the
   * engine was starting as many others as there are cores: sooner it could not have been asked for one more. That a
   * dependency is known late is counted there.
   */
  readonly startMs: number;
  /** From ready to known. */
  readonly verdictMs: number;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function overheads(times: readonly AskedTimes[], cores: number): Overhead[] {
  const byName = new Map(times.map((t) => [t.service, t]));
  const firstAskedMs = Math.min(...times.map((t) => t.createAskedAtMs));
  return times.map((t) => {
    const knownAt = t.after.map((name) => byName.get(name)?.verdictAtMs ?? 0);
    const could = { fromMs: Math.max(firstAskedMs, ...knownAt), toMs: t.startAskedAtMs };
    const starts = times
      .filter((other) => other !== t)
      .map((other) => ({ fromMs: other.startAskedAtMs, toMs: other.startedAtMs }));
    // Its creation is the engine's work, too; while the engine is full it counts once.
    const creation = { fromMs: t.createAskedAtMs, toMs: t.createdAtMs };
    const engines = fullSpans(starts, could, cores).concat(within([creation], could));
    return {
      service: t.service,
      startMs: Math.max(0, could.toMs - could.fromMs - covered(engines)),
      verdictMs: Math.max(0, t.verdictAtMs - t.readyAtMs),
    };
  });
}

/** The parts of `during` in which at least `cores` of the spans lay over each other. */
function fullSpans(spans: readonly Span[], during: Span, cores: number): Span[] {
  const inside = within(spans, during);
  const marks = [...new Set(inside.flatMap((s) => [s.fromMs, s.toMs]))].toSorted((a, b) => a - b);
  return marks.slice(0, -1).flatMap((fromMs, n) => {
    const toMs = marks[n + 1] ?? fromMs;
    return inside.filter((s) => s.fromMs <= fromMs && s.toMs >= toMs).length >= cores ? [{ fromMs, toMs }] : [];
  });
}

function within(spans: readonly Span[], during: Span): Span[] {
  return spans
    .map((s) => ({ fromMs: Math.max(s.fromMs, during.fromMs), toMs: Math.min(s.toMs, during.toMs) }))
    .filter((s) => s.toMs > s.fromMs);
}

/** Milliseconds under at least one of the spans. */
function covered(spans: readonly Span[]): number {
  let endMs = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const s of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    sum += Math.max(0, s.toMs - Math.max(s.fromMs, endMs));
    endMs = Math.max(endMs, s.toMs);
  }
  return sum;
}
