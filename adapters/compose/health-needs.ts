// Services that others await as healthy though the file gives them no check: then the image must bring one.
import type { ProjectSpec } from '../../schema/spec.ts';

export interface HealthNeed {
  readonly service: string;
  readonly image: string;
  readonly awaitedBy: readonly string[];
}

/** For the plan, which can look into the images: those without a check of their own are DIVE-1105. */
export function needsImageHealthCheck(project: ProjectSpec): HealthNeed[] {
  return project.services
    .filter((service) => service.healthCheck === undefined && !service.healthCheckDisabled)
    .map((service) => ({ service: service.name, image: service.image, awaitedBy: awaitedBy(project, service.name) }))
    .filter((need) => need.awaitedBy.length > 0);
}

function awaitedBy(project: ProjectSpec, name: string): string[] {
  return project.services
    .filter(({ dependsOn }) =>
      dependsOn.some(
        ({ service, condition, required }) => service === name && condition === 'service_healthy' && required,
      ),
    )
    .map((service) => service.name);
}
