// Everything a plan compares the desired state with, in as few reading calls as there are networks of questions.
import { configHash } from '../../schema/container-body.ts';
import type { ObservedProject } from '../../schema/observed.ts';
import type { HealthCheck, ProjectSpec } from '../../schema/spec.ts';
import { type ImageInfo, inspectImage } from './inspect.ts';
import { observeProject } from './observe.ts';
import type { Wire } from './request.ts';

export interface Survey {
  readonly observed: ObservedProject;
  /** Compose's config hash by service; undefined when it shares a namespace with a container that is not there. */
  readonly configHash: ReadonlyMap<string, string | undefined>;
  readonly images: ReadonlyMap<string, ImageInfo | undefined>;
}

/** @throws EngineFailure DIVE-1601, DIVE-1006 */
export async function surveyProject(engine: Wire, project: ProjectSpec): Promise<Survey> {
  const references = [...new Set(project.services.map((s) => s.image))];
  const [observed, infos] = await Promise.all([
    observeProject(engine, project.project),
    Promise.all(references.map((reference) => inspectImage(engine, reference))),
  ]);
  const ids = firstIds(observed);
  return {
    observed,
    images: new Map(references.map((reference, i) => [reference, infos[i]])),
    configHash: new Map(
      project.services.map((s) => [
        s.name,
        s.sharesWith.every((n) => ids.has(n)) ? configHash(s, Object.fromEntries(ids)) : undefined,
      ]),
    ),
  };
}

/** Id of each service's lowest-numbered container: what `service:x` means. */
export function firstIds(observed: ObservedProject): Map<string, string> {
  const ids = new Map<string, string>();
  for (const c of [...observed.containers].sort((a, b) => b.number - a.number)) ids.set(c.service, c.id);
  return ids;
}

/** The check Docker would run: the service's own, else the image's, unless switched off. */
export function effectiveHealthCheck(
  service: ProjectSpec['services'][number],
  image: ImageInfo | undefined,
): HealthCheck | undefined {
  if (service.healthCheckDisabled) return undefined;
  return service.healthCheck ?? image?.healthCheck;
}
