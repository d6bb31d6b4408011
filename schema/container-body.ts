// The finished create body of one container: what the spec of its service leaves open until ids are known.
import { sha256Hex } from './digest.ts';
import { isJsonList, isJsonMap, parseOrdered, printOrdered, type Json } from './ordered-json.ts';
import type { ContainerSpec, CreateBody, EndpointSpec, ServiceSpec } from './spec.ts';

const COMPOSE = 'com.docker.compose.';
const NAMESPACES = ['network_mode', 'pid', 'ipc'];

export interface ResolvedReferences {
  /** Id of the image (`sha256:…`), not its name or repository digest. */
  readonly imageId: string;
  /** Full id of the first container of each service named in `sharesWith`. */
  readonly containerIds: Readonly<Record<string, string>>;
  /** Our own labels; Compose never compares them. */
  readonly extraLabels: Readonly<Record<string, string>>;
}

export interface ContainerBody {
  /** Body of `POST /containers/create`; name and platform belong into its query. */
  readonly body: CreateBody;
  /** To connect after create and before start, in this order. */
  readonly networksToConnect: readonly EndpointSpec[];
  readonly configHash: string;
}

/**
 * The create body of `container` as Compose itself would send it, with its labels `config-hash`, `image` and
 * `container-number` and ours.
 * @throws RangeError when the id of a service in `sharesWith` is missing.
 */
export function containerBody(
  service: ServiceSpec,
  container: ContainerSpec,
  resolved: ResolvedReferences,
): ContainerBody {
  const hash = configHash(service, resolved.containerIds);
  const labels = {
    ...service.body.Labels,
    [`${COMPOSE}config-hash`]: hash,
    [`${COMPOSE}image`]: resolved.imageId,
    [`${COMPOSE}container-number`]: String(container.number),
    ...resolved.extraLabels,
  };
  const endpoints = service.endpoints.map((endpoint) => withContainerName(endpoint, service, container));
  const [first, ...others] = endpoints;
  const body: CreateBody = {
    ...service.body,
    Labels: labels,
    HostConfig: hostConfig(service, container, resolved.containerIds),
    ...(first === undefined
      ? {}
      : { NetworkingConfig: { EndpointsConfig: Object.fromEntries([[first.network, first.settings]]) } }),
  };
  return { body, networksToConnect: others, configHash: hash };
}

/**
 * The label `config-hash` that `docker compose up` compares, 64 hexadecimal digits.
 * @throws RangeError when the id of a service in `sharesWith` is missing.
 */
export function configHash(service: ServiceSpec, containerIds: Readonly<Record<string, string>>): string {
  if (service.sharesWith.length === 0 && !service.hashInput.includes('"volumes_from"')) {
    return sha256Hex(service.hashInput);
  }
  const input = parseOrdered(service.hashInput);
  if (!isJsonMap(input)) throw new TypeError('the hash input is no object');
  const resolved = new Map<string, Json>(
    [...input].map(([key, value]) => {
      if (NAMESPACES.includes(key) && typeof value === 'string') return [key, namespaceOf(value, containerIds)];
      if (key !== 'volumes_from' || !isJsonList(value)) return [key, value];
      return [key, value.map((item) => (typeof item === 'string' ? volumesOf(item, containerIds) : item))];
    }),
  );
  return sha256Hex(printOrdered(resolved));
}

function hostConfig(
  service: ServiceSpec,
  container: ContainerSpec,
  containerIds: Readonly<Record<string, string>>,
): CreateBody['HostConfig'] {
  const found = { ...service.body.HostConfig };
  for (const key of ['NetworkMode', 'PidMode', 'IpcMode']) {
    const mode = found[key];
    if (typeof mode === 'string') found[key] = namespaceOf(mode, containerIds);
  }
  if (Array.isArray(found['VolumesFrom'])) {
    found['VolumesFrom'] = found['VolumesFrom'].map((item) => volumesOf(String(item), containerIds));
  }
  if (Array.isArray(found['Links'])) found['Links'] = linksOf(found['Links'], container);
  return found;
}

function withContainerName(endpoint: EndpointSpec, service: ServiceSpec, container: ContainerSpec): EndpointSpec {
  const { Aliases: aliases, Links: links, ...rest } = endpoint.settings;
  return {
    network: endpoint.network,
    settings: {
      ...rest,
      Aliases: [container.name, ...(Array.isArray(aliases) ? aliases.map(String) : [service.name])],
      ...(Array.isArray(links) ? { Links: linksOf(links, container) } : {}),
    },
  };
}

/** Compose names the aliases of a link after the number of the container that has the link. */
function linksOf(links: readonly unknown[], container: ContainerSpec): string[] {
  return links.map((link) => String(link).replace('{number}', String(container.number)));
}

function namespaceOf(mode: string, containerIds: Readonly<Record<string, string>>): string {
  return mode.startsWith('service:') ? `container:${idOf(mode.slice('service:'.length), containerIds)}` : mode;
}

/** The `:ro` suffix is lost, as in Compose. */
function volumesOf(source: string, containerIds: Readonly<Record<string, string>>): string {
  const [first = '', second] = source.split(':');
  return first === 'container' && second !== undefined ? second : idOf(first, containerIds);
}

function idOf(service: string, containerIds: Readonly<Record<string, string>>): string {
  const id = Object.hasOwn(containerIds, service) ? containerIds[service] : undefined;
  if (id === undefined) throw new RangeError(`no container of ${service} yet, whose namespace or volumes are shared`);
  return id;
}
