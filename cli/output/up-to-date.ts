// What the workflow knows of a service comes with the end of an activity; its heartbeats tell what was done since.
import type { Progress, ServicePhase, ServiceProgress, WaitHeartbeat } from '../../domain/messages.ts';

/**
 * `progress` with what was `heard`, by service, that is newer. On the way down the workflow has no list of its own: then
 * there are those of whom was heard, in that order.
 */
export function upToDate(progress: Progress, heard: ReadonlyMap<string, WaitHeartbeat>): Progress {
  if (progress.services.length > 0)
    return { ...progress, services: progress.services.map((s) => newer(s, heard.get(s.service))) };
  return { ...progress, services: [...heard.values()].flatMap(onlyHeardOf) };
}

/** How far it is. Who is further has ended its activity: what that said last is old. */
const ORDER = ['waiting', 'starting', 'probing', 'healthy'] as const;
const orderOf = (phase: string): number => ORDER.findIndex((p) => p === phase);

/** On the way back, whatever it was before. */
const BACK = ['stopping', 'removed', 'returning', 'restored'] as const;
const STAYS = new Set<ServicePhase>(['failed', 'degraded', 'removed', 'restored']);

function onlyHeardOf(wait: WaitHeartbeat): ServiceProgress[] {
  const { service, waitsFor = [], sinceMs = 0 } = wait;
  const waiting: ServiceProgress = { service, phase: 'waiting', waitsFor, sinceMs };
  if (wait.phase === 'waiting') return [waiting];
  return BACK.some((p) => p === wait.phase) ? [returning(waiting, wait)] : [];
}

function returning(service: ServiceProgress, wait: WaitHeartbeat): ServiceProgress {
  const phase = BACK.find((p) => p === wait.phase);
  if (phase === undefined || STAYS.has(service.phase)) return service;
  const { evidence: _evidence, ms: _ms, ...rest } = service;
  return {
    ...rest,
    phase,
    waitsFor: [],
    sinceMs: wait.sinceMs ?? service.sinceMs,
    ...(wait.answer === undefined ? {} : { evidence: wait.answer }),
    ...(wait.ms === undefined ? {} : { ms: wait.ms }),
  };
}

function newer(service: ServiceProgress, wait: WaitHeartbeat | undefined): ServiceProgress {
  if (wait && BACK.some((p) => p === wait.phase)) return returning(service, wait);
  const phase = ORDER.find((p) => p === wait?.phase);
  if (!wait || phase === undefined || orderOf(service.phase) < 0 || orderOf(service.phase) >= orderOf(phase))
    return service;
  return {
    ...service,
    phase,
    waitsFor: [],
    sinceMs: wait.sinceMs ?? service.sinceMs,
    ...(phase === 'healthy' && {
      ...(wait.answer === undefined ? {} : { evidence: wait.answer }),
      ...(wait.ms === undefined ? {} : { ms: wait.ms }),
    }),
  };
}
