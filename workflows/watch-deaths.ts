import { isCancellation } from '@temporalio/workflow';
import type { Death } from '../activities/next-death.ts';
import type { OperationRef, PlannedService, StartedService } from '../domain/deployment.ts';
import type { FailureDetails } from '../domain/failures.ts';
import { serviceFailure } from './failure.ts';
import type { SiteProxies } from './proxies.ts';

export interface DeathWatch {
  /** Rejects when a container of a core service died, was paused or flaps. Never resolves. */
  readonly died: Promise<never>;
  /** The same of services that are not core, one entry each: they degrade. */
  readonly degraded: readonly FailureDetails[];
  /** From now on these containers must stay alive. What ended before their start was asked for. */
  guard(service: Pick<PlannedService, 'name' | 'class'>, containers: StartedService['containers']): void;
}

type Guarded = Pick<PlannedService, 'name' | 'class'> & { readonly startedAtMs: number };

/**
 * Follows the engine's events for the whole operation: a container that dies after it was healthy fails it at once, or
 * degrades it when its service is not core; `onDegraded` hears that once a service. `services`: the plan's.
 */
export function watchDeaths(
  proxies: SiteProxies,
  operation: OperationRef,
  { project, services }: { readonly project: string; readonly services: readonly PlannedService[] },
  onDegraded: (failure: FailureDetails, service: string) => void,
): DeathWatch {
  const guarded = new Map<string, Guarded>();
  const mustStay = new Map(services.filter((s) => s.completes === 'no').map((s) => [s.name, s]));
  const dead = new Map<string, Death>();
  const degraded: FailureDetails[] = [];
  let fail: (error: Error) => void = () => undefined;
  const died = new Promise<never>((_, reject) => (fail = reject));
  died.catch(() => undefined);

  /** The worker found it healthy; that its group is through has not been heard yet. */
  const provenBefore = ({ proven, service }: Death): Guarded | undefined => {
    const one = proven === true && service !== undefined ? mustStay.get(service) : undefined;
    return one && { name: one.name, class: one.class, startedAtMs: 0 };
  };
  const judge = (): void => {
    for (const [id, death] of dead) {
      const one = guarded.get(id) ?? provenBefore(death);
      if (!one || death.atMs <= one.startedAtMs) continue;
      const failure = failureOfDeath(death, one.name);
      if (one.class === 'core') fail(serviceFailure(failure));
      else if (!degraded.some((d) => d.service === one.name)) {
        degraded.push(failure);
        onDegraded(failure, one.name);
      }
    }
  };
  const follow = async (): Promise<void> => {
    for (let sinceMs = Date.now(); ;) {
      const death = await proxies.watch.nextDeath({ ...operation, project, sinceMs });
      // Who still waits for its health sees a pause by itself, and the end of it.
      if (death.kind !== 'paused' || death.proven === true || guarded.has(death.containerId))
        dead.set(death.containerId, death);
      sinceMs = death.atMs;
      judge();
    }
  };
  follow().catch((error: unknown) => {
    if (!isCancellation(error)) fail(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    died,
    degraded,
    guard: (service, containers) => {
      const { name, class: its } = service;
      for (const { id, startedAtMs } of containers) guarded.set(id, { name, class: its, startedAtMs });
      judge();
    },
  };
}

function failureOfDeath(death: Death, service: string): FailureDetails {
  const why = death.lines.length === 0 ? [] : ['last lines of its log:', ...death.lines.map((l) => `  ${l}`)];
  switch (death.kind ?? 'died') {
    case 'paused':
      return { code: 'DIVE-1206', what: 'was paused by somebody after it had been healthy', service, why };
    case 'flapping':
      return { code: 'DIVE-1205', what: 'healthy and sick by turns, says its own health check', service, why };
    case 'died': {
      const how =
        death.memory === undefined ? `exited (${death.exitCode})` : `killed for its memory (exit ${death.exitCode})`;
      const next = death.memory === undefined ? {} : { next: death.memory };
      return { code: 'DIVE-1202', what: `${how} after it had been healthy`, service, why, ...next };
    }
  }
}
