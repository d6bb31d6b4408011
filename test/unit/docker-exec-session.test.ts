// What the engine, or a proxy before it, may answer to who wants to speak with a command.
import { mkdtempSync, rmSync } from 'node:fs';
import { type RequestListener, type Server, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Modem from 'docker-modem';
import { openExecSession } from '../../adapters/docker/exec-session.ts';
import type { Wire } from '../../adapters/docker/request.ts';

let folder = '';
let server: Server;
const asked: string[] = [];
const connections = new Set<Duplex>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dive-session-'));
  asked.length = 0;
});
afterEach(async () => {
  for (const connection of connections) connection.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Begins a command as `answer` says. */
function engineThat(answer: RequestListener): Promise<Wire> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    if (request.url !== '/containers/c/exec') return answer(request, response);
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"Id":"e"}');
  });
  return listening();
}

/** Hands its connection over to `speak`. */
async function engineThatSpeaks(speak: (socket: Duplex) => void): Promise<Wire> {
  const wire = await engineThat((_request, response) => void response.writeHead(500).end());
  server.on('upgrade', (request, socket) => {
    asked.push(`upgrade ${request.headers.upgrade}`);
    connections.add(socket);
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    speak(socket);
  });
  return wire;
}

async function listening(): Promise<Wire> {
  const socketPath = join(folder, 'docker.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return { docker: { modem: new Modem({ socketPath }) }, counts: { read: 0, exec: 0, mutate: 0 } };
}

function frame(text: string, stream = 1): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

const SOON = { timeoutMs: 5000 };

test('an engine that hands its connection over is spoken with, both streams in one', async () => {
  const heard: string[] = [];
  const wire = await engineThatSpeaks((socket) => {
    socket.on('data', (bytes: Buffer) => {
      heard.push(bytes.toString());
      // In pieces that no frame ends with, a character cut in two among them.
      const answer = Buffer.concat([frame('ä'), frame('no', 2)]);
      socket.write(answer.subarray(0, 9));
      setTimeout(() => socket.write(answer.subarray(9)), 20);
    });
  });
  const session = await openExecSession(wire, 'c', ['check'], SOON);
  session?.write('\n');
  expect(await session?.read()).toBe('ä');
  expect(await session?.read()).toBe('no');
  expect(heard).toEqual(['\n']);
  const waits = session?.read();
  session?.close();
  expect(await waits).toBeUndefined();
  expect(wire.counts).toEqual({ read: 0, exec: 2, mutate: 0 });
});

test('a connection that breaks is the end of what is said', async () => {
  const wire = await engineThatSpeaks((socket) => void setTimeout(() => socket.destroy(), 20));
  const session = await openExecSession(wire, 'c', ['check'], SOON);
  expect(await session?.read()).toBeUndefined();
  session?.write('\n');
  expect(await session?.read()).toBeUndefined();
});

test.each<[string, RequestListener]>([
  ['a proxy that only answers', (_request, response) => void response.writeHead(200).write('raw')],
  ['an engine that cannot begin it', (_request, response) => void response.writeHead(409).end('{"message":"paused"}')],
])('%s gives no session', async (_who, start) => {
  const wire = await engineThat(start);
  expect(await openExecSession(wire, 'c', ['check'], SOON)).toBeUndefined();
  expect(asked).toEqual(['POST /containers/c/exec', 'POST /exec/e/start']);
});

test('an engine that does not answer is waited for as long as it is told, or until the signal', async () => {
  const wire = await engineThat(() => undefined);
  const begun = performance.now();
  expect(await openExecSession(wire, 'c', ['check'], { timeoutMs: 200 })).toBeUndefined();
  expect(performance.now() - begun).toBeLessThan(2000);
  const abort = new AbortController();
  const opening = openExecSession(wire, 'c', ['check'], { timeoutMs: 60_000, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('enough')), 50);
  await expect(opening).rejects.toThrow('enough');
});

test('an engine that is gone is a failure, not a container without a shell', async () => {
  const wire = await engineThat(() => undefined);
  server.close();
  server.closeAllConnections();
  rmSync(join(folder, 'docker.sock'), { force: true });
  await expect(openExecSession(wire, 'c', ['check'], SOON)).rejects.toMatchObject({ code: 'DIVE-1601' });
});
