// Who keeps a network from going: the engine itself only says that it "has active endpoints".
import { inspectNetwork } from './network-changes.ts';
import type { Wire } from './request.ts';

export interface NetworkHolders {
  /** `x is attached to it`, without a full stop. */
  readonly why: string;
  /** What frees the network, a line each. */
  readonly next: readonly string[];
}

/** Of a network that the engine would not remove; undefined when it has gone meanwhile. */
export async function networkHolders(engine: Wire, ref: string): Promise<NetworkHolders | undefined> {
  const network = await inspectNetwork(engine, ref);
  if (network === undefined) return undefined;
  const names = Object.values(network.Containers).map((container) => container.Name);
  if (names.length === 0) {
    // Engines miscount when many containers end at the same moment.
    return {
      why: 'Docker counts it in use, but no container is attached to it',
      next: ['restart Docker: it counts anew'],
    };
  }
  return {
    why: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} attached to it`,
    next: names.map((name) => `docker network disconnect ${network.Name} ${name}`),
  };
}
