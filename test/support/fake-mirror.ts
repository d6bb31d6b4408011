// A package registry on loopback that behaves badly: says nothing, answers 502, or is a network's login page.
import { createServer } from 'node:http';
import { z } from 'zod';

export type Mood = 'hangs' | '502' | 'login page';

export interface FakeMirror extends AsyncDisposable {
  readonly url: string;
  /** What was asked for, as `GET /path`. */
  readonly asked: readonly string[];
}

export async function fakeMirror(mood: Mood): Promise<FakeMirror> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (mood === '502') response.writeHead(502).end('Bad Gateway');
    if (mood === 'login page')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
