// Creating a container under its fixed name: the name is what makes the call safe to repeat.
import { COMPOSE_LABELS, LABELS } from '../../domain/names.ts';
import { containerBody } from '../../schema/container-body.ts';
import type { ContainerSpec, CreateBody, EndpointSpec, ServiceSpec } from '../../schema/spec.ts';
import { inheritVolumes, type InheritedVolume } from './anonymous-volumes.ts';
import { Created, readAnswer } from './answers.ts';
import type { Change } from './change.ts';
import { answered, EngineFailure } from './engine-failure.ts';
import { inspectContainer, inspectImage } from './inspect.ts';
import { part, send, type Wire } from './request.ts';

export interface Resolved {
  /** `sha256:…` of the image the container is made from. */
  readonly imageId: string;
  /** Full ids of the containers of the services in `sharesWith`. */
  readonly containerIds: Readonly<Record<string, string>>;
  /** Volumes of the container this one replaces; its anonymous ones are mounted again. */
  readonly inherit?: readonly InheritedVolume[];
}

/** What `POST /containers/create` is told. */
export interface CreateRequest {
  readonly name: string;
  readonly platform?: string | undefined;
  readonly body: CreateBody;
  readonly networksToConnect: readonly EndpointSpec[];
}

/**
 * Creates one container of a service, not started, attached to all its networks. Repeating it gives the same id.
 * @returns the full id
 * @throws EngineFailure DIVE-1008 (the name is somebody else's), DIVE-1208 (no such image), …, or what `guard` throws
 */
export async function createContainer(
  engine: Wire,
  change: Change,
  service: ServiceSpec,
  container: ContainerSpec,
  resolved: Resolved,
): Promise<string> {
  const made = containerBody(service, container, {
    imageId: resolved.imageId,
    containerIds: resolved.containerIds,
    extraLabels: change.labels,
  });
  const inherit = resolved.inherit ?? [];
  const imageVolumes = inherit.length === 0 ? [] : ((await inspectImage(engine, resolved.imageId))?.volumes ?? []);
  return createFromBody(engine, change, {
    name: container.name,
    platform: service.platform,
    body: inherit.length === 0 ? made.body : inheritVolumes(made.body, imageVolumes, inherit),
    networksToConnect: made.networksToConnect,
  });
}

/** The same from a finished body, e.g. a stored one. The operation's labels must be in it already. */
export async function createFromBody(engine: Wire, change: Change, request: CreateRequest): Promise<string> {
  const id = await create(engine, change, request);
  for (const endpoint of request.networksToConnect) await connectNetwork(engine, change, id, endpoint);
  return id;
}

async function create(engine: Wire, change: Change, request: CreateRequest): Promise<string> {
  const call = {
    method: 'POST' as const,
    path: '/containers/create',
    query: { name: request.name, platform: request.platform },
    body: request.body,
  };
  try {
    return readAnswer(Created, await change.guard(() => send(engine, call))).Id;
  } catch (error) {
    if (!answered(error, 409)) throw error;
    return adopt(engine, request, error);
  }
}

/** The name is taken: ours, from a call whose answer was lost, or somebody else's. */
async function adopt(engine: Wire, request: CreateRequest, conflict: EngineFailure): Promise<string> {
  const holder = await inspectContainer(engine, request.name);
  if (holder === undefined) throw conflict;
  const wanted = request.body.Labels;
  const same = [COMPOSE_LABELS.project, COMPOSE_LABELS.service, COMPOSE_LABELS.number, COMPOSE_LABELS.configHash];
  if ([...same, LABELS.store, LABELS.operation].every((label) => holder.labels[label] === wanted[label]))
    return holder.id;
  const project = holder.labels[COMPOSE_LABELS.project];
  const operation = holder.labels[LABELS.operation];
  const whose = [
    project === undefined ? 'not of a Compose project' : `of project ${project}`,
    ...(operation === undefined ? [] : [`made by operation ${operation}`]),
  ];
  throw new EngineFailure(
    'DIVE-1008',
    `the container name ${request.name} is taken by ${holder.id.slice(0, 12)}, ${whose.join(', ')}`,
    { status: 409, cause: conflict },
  );
}

/** Attaches a container that does not run to one more network; attached already is success. */
export async function connectNetwork(engine: Wire, change: Change, id: string, endpoint: EndpointSpec): Promise<void> {
  const body = { Container: id, EndpointConfig: endpoint.settings };
  try {
    await change.guard(() =>
      send(engine, { method: 'POST', path: `/networks/${part(endpoint.network)}/connect`, body }),
    );
  } catch (error) {
    if (answered(error, 403) && error.message.includes('already exists in network')) return;
    throw error;
  }
}
