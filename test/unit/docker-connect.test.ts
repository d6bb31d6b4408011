import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { connectEngine, speaks } from '../../adapters/docker/connect.ts';
import { engineFailure } from '../../adapters/docker/engine-failure.ts';
import { DEFAULT_HOST, engineHost } from '../../adapters/docker/engine-host.ts';
import { send } from '../../adapters/docker/request.ts';
import { sha256Hex } from '../../schema/digest.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dive-docker-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function writeContext(name: string, host: string): void {
  const meta = join(dir, 'contexts', 'meta', sha256Hex(name));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
}

async function serve(answer: object, seen: string[]): Promise<{ socket: string; server: Server }> {
  const socket = join(dir, 'engine.sock');
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request
      .resume()
      .on('end', () => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { socket, server };
}

test('the engine is the one docker itself would use', async () => {
  writeContext('far', 'ssh://me@far');
  writeContext('near', 'unix:///near.sock');
  expect(await engineHost({ configDir: dir })).toEqual({ url: DEFAULT_HOST });
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ currentContext: 'near' }));
  expect(await engineHost({ configDir: dir })).toEqual({ url: 'unix:///near.sock' });
  expect(await engineHost({ configDir: dir, context: 'far' })).toEqual({ url: 'ssh://me@far' });
  expect(await engineHost({ configDir: dir, context: 'far', host: 'tcp://h:1' })).toEqual({ url: 'tcp://h:1' });
  expect(await engineHost({ configDir: dir, context: 'default' })).toEqual({ url: DEFAULT_HOST });
  await expect(engineHost({ configDir: dir, context: 'lost' })).rejects.toMatchObject({ code: 'DIVE-1601' });
});

test('the keys of a context travel with it', async () => {
  writeContext('far', 'tcp://far:2376');
  const tls = join(dir, 'contexts', 'tls', sha256Hex('far'), 'docker');
  mkdirSync(tls, { recursive: true });
  writeFileSync(join(tls, 'ca.pem'), 'CA');
  expect((await engineHost({ configDir: dir, context: 'far' })).tls).toEqual({ ca: Buffer.from('CA') });
});

test('an engine that is not there is DIVE-1601, also with a socket file left behind', async () => {
  const missing = `unix://${join(dir, 'none.sock')}`;
  await expect(connectEngine({ host: missing })).rejects.toMatchObject({ code: 'DIVE-1601' });
  await expect(connectEngine({ host: 'tcp://127.0.0.1:1' })).rejects.toMatchObject({ code: 'DIVE-1601' });
  const { socket, server } = await serve({ hello: 'world' }, []);
  await expect(connectEngine({ host: `unix://${socket}` })).rejects.toThrow('no Docker engine');
  await new Promise((resolve) => server.close(resolve));
});

test('calls speak a version both know, and are counted by kind', async () => {
  const seen: string[] = [];
  const { socket, server } = await serve({ ApiVersion: '1.99', Version: '99.0' }, seen);
  const engine = await connectEngine({ host: `unix://${socket}` });
  expect([speaks(engine, '1.44'), speaks(engine, '1.98')]).toEqual([true, false]);
  expect(engine.counts).toEqual({ read: 1, exec: 0, mutate: 0 });
  await send(engine, { method: 'GET', path: '/a', query: { x: 'ä&b', none: undefined } });
  await send(engine, { method: 'POST', path: '/b', query: { name: 'n' }, body: { Secret: 's' } });
  await send(engine, { method: 'POST', path: '/c', kind: 'exec' });
  await send(engine, { method: 'DELETE', path: '/d', query: { v: false } });
  expect(engine.counts).toEqual({ read: 2, exec: 1, mutate: 2 });
  expect(seen.slice(1).map((line) => line.replace(/&$/, ''))).toEqual([
    'GET /v1.51/a?x=%C3%A4%26b',
    'POST /v1.51/b?name=n',
    'POST /v1.51/c',
    'DELETE /v1.51/d?v=false',
  ]);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

test.each([
  ['EACCES', 'connect EACCES /var/run/docker.sock', 'DIVE-1006'],
  ['ECONNREFUSED', 'connect ECONNREFUSED', 'DIVE-1601'],
  ['ECONNRESET', 'socket hang up', 'DIVE-1601'],
  [500, 'driver failed: Bind for 127.0.0.1:1 failed: port is already allocated', 'DIVE-1111'],
  [500, 'listen tcp4 127.0.0.1:1: bind: address already in use', 'DIVE-1111'],
  [404, 'No such image: x:1', 'DIVE-1208'],
  [404, 'image with reference x was found but does not match the specified platform', 'DIVE-1208'],
  [404, 'pull access denied for x, repository does not exist', 'DIVE-1208'],
  [500, 'write /var/lib/x: no space left on device', 'DIVE-1112'],
  [404, 'network shop_back not found', 'DIVE-1003'],
  [404, 'No such container: x', 'DIVE-1207'],
  [409, 'Container x is paused, unpause the container before exec', 'DIVE-1206'],
  [400, 'No command specified', 'DIVE-1201'],
] as const)('%s %s is %s', (status, text, code) => {
  const error =
    typeof status === 'number'
      ? Object.assign(new Error(`(HTTP code ${status}) server error - ${text} `), { statusCode: status })
      : Object.assign(new Error(text), { code: status });
  const failure = engineFailure(error);
  expect(failure).toMatchObject({ code, cause: error, status: typeof status === 'number' ? status : undefined });
  expect(failure.message).toMatch(new RegExp(`${text}$`));
  expect(failure.message).not.toContain('HTTP code');
  expect(engineFailure(failure)).toBe(failure);
});

test('a question that is never answered ends, and says which', async () => {
  const server = createServer(() => undefined);
  const socket = join(dir, 'stuck.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const { modem } = new Docker({ socketPath: socket });
  const stuck = { docker: { modem }, counts: { read: 0, exec: 0, mutate: 0 }, patienceMs: 50 };
  try {
    await expect(send(stuck, { method: 'GET', path: '/containers/held/json' })).rejects.toMatchObject({
      code: 'DIVE-1601',
      message: 'the Docker engine does not answer: nothing in 0.05 s to GET /containers/held/json',
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
