// networks of a service → NetworkMode and endpoints, in Compose's order.
import { toPlain, type JsonMap } from '../../schema/ordered-json.ts';
import type { EndpointSpec } from '../../schema/spec.ts';
import type { ProjectModel } from './model.ts';
import { optional } from './process-fields.ts';
import { asMap, mapAt, numberAt, textAt, textsAt } from './read.ts';

/** `service:x` stays as it is until the container of x exists. */
export function networkMode(service: JsonMap, model: ProjectModel): string {
  const mode = textAt(service, 'network_mode');
  if (mode !== undefined) return mode;
  const [first] = networkKeys(service);
  if (model.networks.size === 0 || first === undefined) return 'none';
  return realName(first, model);
}

/** Empty with `network_mode`. Aliases lack the container name, which stands first in the finished body. */
export function endpointsOf(
  name: string,
  service: JsonMap,
  model: ProjectModel,
  links: readonly string[],
): EndpointSpec[] {
  if (service.has('network_mode') || model.networks.size === 0) return [];
  return networkKeys(service).map((key) => ({
    network: realName(key, model),
    settings: {
      Aliases: [name, ...(textsAt(mapAt(mapAt(service, 'networks'), key), 'aliases') ?? [])],
      ...(links.length === 0 ? {} : { Links: links }),
      ...addresses(mapAt(service, 'networks'), key),
    },
  }));
}

/** Links as Compose writes them, for the container `{number}` of the service that has them. */
export function linksOf(service: JsonMap, model: ProjectModel, containersOf: (name: string) => string[]): string[] {
  const links = (textsAt(service, 'links') ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    const aliases = [alias, `${target}-{number}`, `${model.name}-${target}-{number}`];
    return containersOf(target).flatMap((container) => aliases.map((name) => `${container}:${name}`));
  });
  const external = (textsAt(service, 'external_links') ?? []).map((link) =>
    link.includes(':') ? link : `${link}:${link}`,
  );
  return [...links, ...external];
}

/** Highest priority first, then by name. */
function networkKeys(service: JsonMap): string[] {
  const networks = mapAt(service, 'networks');
  const priority = (key: string): number => numberAt(asMap(networks.get(key)), 'priority') ?? 0;
  return [...networks.keys()].sort((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1));
}

function realName(key: string, model: ProjectModel): string {
  return textAt(mapAt(model.networks, key), 'name') ?? `${model.name}_${key}`;
}

function addresses(networks: JsonMap, key: string): Record<string, unknown> {
  if (networks.get(key) === null) return {};
  const config = mapAt(networks, key);
  const v4 = textAt(config, 'ipv4_address');
  const v6 = textAt(config, 'ipv6_address');
  return {
    IPAMConfig: {
      ...optional('IPv4Address', v4),
      ...optional('IPv6Address', v6),
      ...optional('LinkLocalIPs', textsAt(config, 'link_local_ips')),
    },
    ...optional('IPAddress', v4),
    ...optional('MacAddress', textAt(config, 'mac_address')),
    ...(config.has('driver_opts') ? { DriverOpts: toPlain(mapAt(config, 'driver_opts')) } : {}),
    ...optional('GwPriority', numberAt(config, 'gw_priority')),
  };
}
