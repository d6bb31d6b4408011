// Which services that people reach go away while a plan is carried out, and for how long. Pure.
import type { ProjectSpec } from '../schema/spec.ts';
import { publishes } from './addresses.ts';
import { type Durations, criticalPath, takesMs } from './critical-path.ts';
import { rebuiltNetworks } from './object-changes.ts';
import type { ContainerPlan } from './plan.ts';
import type { ObservedProject } from '../schema/observed.ts';

export interface Away {
  readonly service: string;
  /** Expected milliseconds without an answer. */
  readonly ms: number;
}

/**
 * Services with published ports of which no container stays up. Each is away from its own stop to its health; on a
 * network that is made anew from the beginning on. `changingMs`: expected time to healthy, 0 of what stays; `stopMs`:
 * until the container that is replaced has ended.
 */
export function servicesAway(
  project: ProjectSpec,
  observed: ObservedProject,
  containers: readonly ContainerPlan[],
  changingMs: Durations,
  stopMs: Durations,
): Away[] {
  const rebuilt = new Set(rebuiltNetworks(project, observed).map((n) => n.name));
  return project.services.flatMap((service): Away[] => {
    const ups = new Set(observed.containers.filter((c) => c.state === 'running').map((c) => c.id));
    const wasUp = containers.filter((c) => c.service === service.name && c.id !== undefined && ups.has(c.id));
    const goes = wasUp.length > 0 && wasUp.every((c) => c.op === 'recreate' || c.op === 'restart');
    if (!publishes(service) || !goes) return [];
    const before = service.endpoints.some((e) => rebuilt.has(e.network))
      ? waitMs(project, service.name, changingMs, stopMs)
      : 0;
    return [
      { service: service.name, ms: before + takesMs(changingMs.get(service.name) ?? 0, stopMs.get(service.name) ?? 0) },
    ];
  });
}

/** The longest chain before the service can start. */
function waitMs(project: ProjectSpec, name: string, changingMs: Durations, stopMs: Durations): number {
  const needed = new Set<string>();
  const visit = (one: string): void => {
    for (const d of project.services.find((s) => s.name === one)?.dependsOn ?? []) {
      if (needed.has(d.service)) continue;
      needed.add(d.service);
      visit(d.service);
    }
  };
  visit(name);
  return criticalPath(
    project.services.filter((s) => needed.has(s.name)),
    changingMs,
    stopMs,
  ).ms;
}
