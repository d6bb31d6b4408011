// Services whose container is meant to end.
import type { ProjectSpec, ServiceSpec } from '../schema/spec.ts';
import { publishes } from './addresses.ts';

/**
 * `must`: somebody waits for its completion. `may`: it ends well when it exits 0, because nothing says that it should
 * keep running: no restart policy, no health check, no published port. `no`: an exit is a failure.
 * Compose's own `up --wait` calls the second kind a failure, which its users report again and again.
 */
export function completes(service: ServiceSpec, project: Pick<ProjectSpec, 'services'>): 'must' | 'may' | 'no' {
  const awaited = project.services.some((s) =>
    s.dependsOn.some((d) => d.service === service.name && d.condition === 'service_completed_successfully'),
  );
  if (awaited) return 'must';
  const host = service.body.HostConfig as { RestartPolicy?: { Name?: string } };
  const restarts = !['', 'no'].includes(host.RestartPolicy?.Name ?? '');
  const awaitedHealthy = project.services.some((s) =>
    s.dependsOn.some((d) => d.service === service.name && d.condition !== 'service_completed_successfully'),
  );
  return restarts || publishes(service) || awaitedHealthy || service.healthCheck ? 'no' : 'may';
}
