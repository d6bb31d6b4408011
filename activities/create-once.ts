import { createContainer } from '../adapters/docker/create-container.ts';
import type { InheritedVolume } from '../adapters/docker/anonymous-volumes.ts';
import { EngineFailure } from '../adapters/docker/engine-failure.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { LABELS } from '../domain/names.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import type { OperationContext } from './operation-context.ts';

/** Creations under way or done in this process, by operation: creating ahead and starting meet here. */
const creations = new WeakMap<OperationContext, Map<string, Promise<string>>>();

/** Creates one container of a service, once; everybody who asks gets the same id. */
export function createOnce(
  context: OperationContext,
  service: ServiceSpec,
  name: string,
  inherit: readonly InheritedVolume[] = [],
  signal?: AbortSignal,
): Promise<string> {
  const known = creations.get(context) ?? new Map<string, Promise<string>>();
  creations.set(context, known);
  const under = known.get(name);
  if (under) return under;
  const made = create(context, service, name, inherit, signal);
  known.set(name, made);
  made.catch(() => known.delete(name));
  return made;
}

async function create(
  context: OperationContext,
  service: ServiceSpec,
  name: string,
  inherit: readonly InheritedVolume[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const container = service.containers.find((c) => c.name === name);
  const image = await context.image(service.image);
  if (!container || !image) throw new EngineFailure('DIVE-1208', `no such image: ${service.image}`);
  const change = context.change(signal);
  const labels =
    service.uploadsDigest === '' ? change.labels : { ...change.labels, [LABELS.specHash]: service.uploadsDigest };
  return createContainer(context.engine, { ...change, labels }, service, container, {
    imageId: image.id,
    containerIds: await sharedIds(context, service),
    inherit,
  });
}

/** Ids of the containers whose namespaces or volumes this service shares: they exist by now. */
async function sharedIds(context: OperationContext, service: ServiceSpec): Promise<Record<string, string>> {
  const ids = new Map<string, string>();
  for (const shared of service.sharesWith) {
    const first = context.spec.services.find((s) => s.name === shared)?.containers[0];
    const found = first && (await inspectContainer(context.engine, first.name));
    if (!found)
      throw new EngineFailure(
        'DIVE-1207',
        `the container of ${shared}, which ${service.name} shares with, is not there`,
      );
    ids.set(shared, found.id);
  }
  return Object.fromEntries(ids);
}
