// Networks and volumes of the project → bodies of their create calls.
import { sha256Hex } from '../../schema/digest.ts';
import { toPlain, type JsonMap } from '../../schema/ordered-json.ts';
import type { NetworkSpec, VolumeSpec } from '../../schema/spec.ts';
import { networkHashInput, volumeHashInput } from './hash-input.ts';
import { COMPOSE, type LabelContext } from './labels.ts';
import type { ProjectModel } from './model.ts';
import { optional } from './process-fields.ts';
import { asMap, flagAt, mapAt, mapsAt, pairsAt, textAt } from './read.ts';

export function networkSpecs(model: ProjectModel, context: LabelContext): NetworkSpec[] {
  return [...model.networks].map(([key, value]) => {
    const network = asMap(value);
    const name = textAt(network, 'name') ?? `${model.name}_${key}`;
    const external = flagAt(network, 'external');
    if (external) return { key, name, external };
    const labels = objectLabels('network', key, network, context, networkHashInput(network));
    return { key, name, external, body: networkBody(name, network, labels) };
  });
}

export function volumeSpecs(model: ProjectModel, context: LabelContext): VolumeSpec[] {
  return [...model.volumes].map(([key, value]) => {
    const volume = asMap(value);
    const name = textAt(volume, 'name') ?? `${model.name}_${key}`;
    const external = flagAt(volume, 'external');
    if (external) return { key, name, external };
    const body = {
      Name: name,
      ...optional('Driver', textAt(volume, 'driver')),
      ...optional('DriverOpts', plainMap(volume, 'driver_opts')),
      Labels: objectLabels('volume', key, volume, context, volumeHashInput(volume)),
    };
    return { key, name, external, body };
  });
}

function networkBody(name: string, network: JsonMap, labels: Record<string, string>): Record<string, unknown> {
  return {
    Name: name,
    // Without it the engine makes a second network of the same name.
    CheckDuplicate: true,
    Driver: textAt(network, 'driver') ?? '',
    Internal: flagAt(network, 'internal'),
    Attachable: flagAt(network, 'attachable'),
    ...optional('EnableIPv6', network.get('enable_ipv6')),
    ...optional('EnableIPv4', network.get('enable_ipv4')),
    ...optional('Options', plainMap(network, 'driver_opts')),
    IPAM: ipamOf(mapAt(network, 'ipam')),
    Labels: labels,
  };
}

function ipamOf(ipam: JsonMap): Record<string, unknown> | null {
  const pools = mapsAt(ipam, 'config');
  const driver = textAt(ipam, 'driver');
  if (driver === undefined && pools.length === 0) return null;
  return {
    ...optional('Driver', driver),
    Config: pools.map((pool) => ({
      ...optional('Subnet', textAt(pool, 'subnet')),
      ...optional('IPRange', textAt(pool, 'ip_range')),
      ...optional('Gateway', textAt(pool, 'gateway')),
      ...optional('AuxiliaryAddresses', plainMap(pool, 'aux_addresses')),
    })),
  };
}

function objectLabels(
  kind: 'network' | 'volume',
  key: string,
  object: JsonMap,
  context: LabelContext,
  hashInput: string,
): Record<string, string> {
  return Object.fromEntries([
    ...pairsAt(object, 'labels'),
    [`${COMPOSE}project`, context.project],
    [`${COMPOSE}${kind}`, key],
    [`${COMPOSE}version`, context.composeVersion],
    [`${COMPOSE}config-hash`, sha256Hex(hashInput)],
  ]);
}

function plainMap(map: JsonMap, key: string): unknown {
  return map.has(key) ? toPlain(mapAt(map, key)) : undefined;
}
