// What an operation's picture is at its end, told from what was seen of it and what its result carries.
import type { Progress, ProgressEvent, ProgressKind, ServicePhase, ServiceProgress } from '../domain/messages.ts';

/**
 * `seen`: the last answer to a look. `lastEvents`: the operation's latest events, oldest first. undefined where something
 * happened between the two that neither tells. Services that no look ever showed come in the order of their events.
 */
export function lastProgress(
  seen: Progress,
  since: number,
  lastEvents: readonly ProgressEvent[],
): Progress | undefined {
  if ((lastEvents[0]?.seq ?? 0) > since + 1) return undefined;
  const events = lastEvents.filter((e) => e.seq > since);
  const known = new Set(seen.services.map((s) => s.service));
  const named = new Map<string, ServiceProgress>();
  for (const { service, atMs } of events) {
    if (service === undefined || known.has(service) || named.has(service)) continue;
    named.set(service, { service, phase: 'starting', waitsFor: [], sinceMs: atMs });
  }
  return { ...seen, services: [...seen.services, ...named.values()].map((s) => settled(s, events)), events };
}

const ENDS: ReadonlyMap<ProgressKind, ServicePhase> = new Map([
  ['healthy', 'healthy'],
  ['degraded', 'degraded'],
  ['removed', 'removed'],
]);

/** A service as the last events leave it. */
function settled(service: ServiceProgress, events: readonly ProgressEvent[]): ServiceProgress {
  const last = events.findLast((e) => e.service === service.service && ENDS.has(e.kind));
  const phase = last && ENDS.get(last.kind);
  if (last === undefined || phase === undefined) return service;
  return { ...service, phase, evidence: last.text, waitsFor: [], ...(last.ms === undefined ? {} : { ms: last.ms }) };
}
