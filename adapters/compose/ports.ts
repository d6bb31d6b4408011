// expose and ports → ExposedPorts and PortBindings.
import type { JsonMap } from '../../schema/ordered-json.ts';
import { mapsAt, numberAt, textAt, textsAt } from './read.ts';

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** A port a service publishes on the host; `published` may be a range and is empty when the engine picks. */
export interface PublishedPort {
  readonly target: string;
  readonly hostIp: string;
  readonly published: string;
  readonly protocol: string;
}

export function publishedPorts(service: JsonMap): PublishedPort[] {
  return mapsAt(service, 'ports').map((port) => ({
    target: String(numberAt(port, 'target') ?? ''),
    hostIp: textAt(port, 'host_ip') ?? '',
    published: textAt(port, 'published') ?? '',
    protocol: textAt(port, 'protocol') ?? 'tcp',
  }));
}

export function exposedPorts(service: JsonMap): Record<string, Record<string, never>> {
  const names = [
    ...(textsAt(service, 'expose') ?? []),
    ...publishedPorts(service).map((port) => `${port.target}/${port.protocol}`),
  ];
  return Object.fromEntries(names.map((name) => [name, {}]));
}

export function portBindings(service: JsonMap): Record<string, Binding[]> {
  const bindings = new Map<string, Binding[]>();
  for (const port of publishedPorts(service)) {
    const key = `${port.target}/${port.protocol}`;
    bindings.set(key, [...(bindings.get(key) ?? []), { HostIp: port.hostIp, HostPort: port.published }]);
  }
  return Object.fromEntries(bindings);
}
