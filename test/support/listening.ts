// Servers of one test, on loopback.
import type { Server, Socket } from 'node:net';

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** For `afterEach`: ends all that listens. */
export async function closeListening(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}

/** Gives its port. */
export async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
  return address.port;
}
