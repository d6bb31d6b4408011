// Servers of one test, on loopback.
import { createServer, type Server, type Socket } from 'node:net';

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
  return portOf(server);
}

/** TCP ports of 127.0.0.1 that nobody holds: all open at once, so that they differ; free when this returns. */
export async function freePorts(count: number): Promise<number[]> {
  const open = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(open.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = open.map(portOf);
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function freePort(): Promise<number> {
  return (await freePorts(1))[0] ?? 0;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
  return address.port;
}
