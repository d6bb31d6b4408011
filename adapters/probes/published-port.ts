// Where a container's TCP port can be reached from this machine, on loopback only.
import type { ContainerState } from '../../schema/observed.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ANY = new Set(['', '0.0.0.0', '::']);

/** undefined when the port is not published on loopback (or on every address), and where that is another machine's. */
export function publishedPort(container: ContainerState, port: number): Address | undefined {
  if (container.elsewhere === true) return undefined;
  const found = container.ports
    .filter((binding) => binding.protocol === 'tcp' && binding.port === port)
    .map((binding) => ({ host: ANY.has(binding.hostIp) ? '127.0.0.1' : binding.hostIp, port: binding.hostPort }))
    .find((address) => /^127\.|^::1$/.test(address.host));
  if (found !== undefined) return found;
  return container.networks.includes('host') ? { host: '127.0.0.1', port } : undefined;
}
