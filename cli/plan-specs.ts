import { mask } from '../domain/mask.ts';
import type { ProjectSpec } from '../schema/spec.ts';

/**
 * What each container would be created from. Image ids and ids of shared namespaces are filled in only when it is
 * created; every secret is masked.
 */
export function planSpecs(instance: string, project: ProjectSpec): unknown {
  const containers = project.services.flatMap((s) =>
    s.containers.map((c) => ({ service: s.name, container: c.name, endpoints: s.endpoints, body: s.body })),
  );
  const masked: unknown = JSON.parse(
    mask(
      JSON.stringify(containers),
      project.secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
    ),
  );
  return { type: 'specs', version: 1, instance, containers: masked };
}
