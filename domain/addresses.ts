// Where a person reaches what was raised: `http://127.0.0.1:3000`, `127.0.0.1:5432`. Pure.
import type { ObservedContainer } from '../schema/observed.ts';
import type { ServiceSpec } from '../schema/spec.ts';

export interface PublishedPort {
  /** Port of the container. */
  readonly port: number;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
}

/** Container ports behind which nearly always somebody speaks HTTP. */
const HTTP_PORTS: ReadonlySet<number> = new Set([80, 3000, 4200, 5173, 8000, 8080, 8081, 8088, 8888, 9090, 15672]);
const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 8443]);
const ANY_ADDRESS: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/** As published now; what the engine publishes for both families is one address. `httpPorts`: known to answer HTTP. */
export function addressesOf(ports: readonly PublishedPort[], httpPorts: readonly number[]): string[] {
  const addresses = ports
    .toSorted((a, b) => a.port - b.port || a.hostPort - b.hostPort)
    .map(({ port, protocol, hostIp, hostPort }) => {
      const ip = ANY_ADDRESS.has(hostIp) ? '127.0.0.1' : hostIp;
      const address = `${ip.includes(':') ? `[${ip}]` : ip}:${hostPort}`;
      if (protocol !== 'tcp') return `${address}/${protocol}`;
      if (httpPorts.includes(port) || HTTP_PORTS.has(port)) return `http://${address}`;
      return HTTPS_PORTS.has(port) ? `https://${address}` : address;
    });
  return [...new Set(addresses)];
}

/** Does it publish any port, also one that the engine picks? */
export function publishes(service: Pick<ServiceSpec, 'body'>): boolean {
  const bindings: unknown = service.body.HostConfig['PortBindings'];
  return typeof bindings === 'object' && bindings !== null && Object.keys(bindings).length > 0;
}

/** Published ports of a create body: `PortBindings`. Those the engine picks are not known yet and left out. */
export function wantedPorts(bindings: unknown): PublishedPort[] {
  if (typeof bindings !== 'object' || bindings === null) return [];
  return Object.entries(bindings).flatMap(([key, hosts]: [string, unknown]) => {
    const [port = '', protocol = 'tcp'] = key.split('/');
    return (Array.isArray(hosts) ? hosts : []).flatMap((host: { HostIp?: string; HostPort?: string }) =>
      /^\d+$/.test(host.HostPort ?? '') && host.HostPort !== '0'
        ? [{ port: Number(port), protocol, hostIp: host.HostIp ?? '', hostPort: Number(host.HostPort) }]
        : [],
    );
  });
}

/** Ports of all containers of a service. */
export function publishedPorts(containers: readonly ObservedContainer[], service: string): PublishedPort[] {
  return containers.filter((c) => c.service === service).flatMap((c) => c.ports ?? []);
}
