// Who holds a host port: a container (by name), or some process of this machine (by trying to bind).
import { createServer } from 'node:net';
import { z } from 'zod';
import { COMPOSE_LABELS } from '../../domain/names.ts';
import { ListedContainer, readAnswer } from './answers.ts';
import { ownName } from './observe.ts';
import { send, type Wire } from './request.ts';

export interface PortHolder {
  readonly containerId: string;
  readonly container: string;
  /** Compose project of the container; absent when it has none. */
  readonly project?: string;
  readonly service?: string;
  /** `0.0.0.0` and `::` mean every address. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly protocol: string;
}

/** Every host port that a running container publishes; one read call. */
export async function portHolders(engine: Wire): Promise<PortHolder[]> {
  const answer = await send(engine, { method: 'GET', path: '/containers/json' });
  return readAnswer(z.array(ListedContainer), answer).flatMap((listed) => {
    const project = listed.Labels[COMPOSE_LABELS.project];
    const service = listed.Labels[COMPOSE_LABELS.service];
    return listed.Ports.flatMap((port): PortHolder[] =>
      port.PublicPort === undefined
        ? []
        : [
            {
              containerId: listed.Id,
              container: ownName(listed.Names),
              ...(project === undefined ? {} : { project }),
              ...(service === undefined ? {} : { service }),
              hostIp: port.IP ?? '0.0.0.0',
              hostPort: port.PublicPort,
              protocol: port.Type,
            },
          ],
    );
  });
}

/**
 * Can this machine bind TCP `hostIp:port` now? Only meaningful for a local engine. `''` is every address.
 * An address this machine does not have counts as free: the engine says better what is wrong with it.
 */
export function hostPortFree(hostIp: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ host: hostIp === '' ? '0.0.0.0' : hostIp, port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
