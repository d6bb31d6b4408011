// What the workflow knows of a service comes with the end of an activity; its heartbeats tell what was done since.
import type { Progress, ServiceProgress, WaitHeartbeat } from '../../domain/messages.ts';

/** `progress` with what was `heard`, by service, that is newer. */
export function upToDate(progress: Progress, heard: ReadonlyMap<string, WaitHeartbeat>): Progress {
  return { ...progress, services: progress.services.map((s) => newer(s, heard.get(s.service))) };
}

/** How far it is. Who is further has ended its activity: what that said last is old. */
const ORDER = ['waiting', 'starting', 'probing', 'healthy'] as const;
const orderOf = (phase: string): number => ORDER.findIndex((p) => p === phase);

function newer(service: ServiceProgress, wait: WaitHeartbeat | undefined): ServiceProgress {
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
