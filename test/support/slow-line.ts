// A slow line to a registry.
import { type Socket, connect, createServer } from 'node:net';
import { listen } from './listening.ts';

export interface SlowLine {
  /** `127.0.0.1:PORT`, to stand before an image's name. */
  readonly host: string;
  /** Breaks off all that is under way; what comes then is let through as fast as it goes. */
  breakOff(): void;
}

/** Each connection gets so much a second from the registry at `host`. Ends with `closeListening`. */
export async function slowLine(host: string, bytesPerSecond: number): Promise<SlowLine> {
  let rate = bytesPerSecond;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(Number(host.split(':')[1]), '127.0.0.1');
    open.add(behind);
    client.pipe(behind);
    behind.on('data', (chunk) => {
      behind.pause();
      client.write(chunk);
      setTimeout(() => behind.resume(), (chunk.length / rate) * 1000);
    });
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    behind.on('close', () => open.delete(behind));
  });
  return {
    host: `127.0.0.1:${await listen(server)}`,
    breakOff: () => {
      rate = Number.POSITIVE_INFINITY;
      for (const socket of open) socket.destroy();
    },
  };
}
