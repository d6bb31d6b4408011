import fc from 'fast-check';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine, type Engine } from '../../adapters/docker/connect.ts';
import { credentialsFor, registryOf } from '../../adapters/docker/credentials.ts';
import { pullImage, splitReference, type PullProgress } from '../../adapters/docker/pull-image.ts';

let dir: string;
let server: Server;
let engine: Engine;
/** Lines that the engine answers a pull with; `hang` leaves the answer open. */
let lines: object[];
let hang = false;
let asked: { url: string; auth: unknown }[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dive-pull-'));
  asked = [];
  hang = false;
  server = createServer((request, response) => {
    if (request.url === '/version') return void response.end(JSON.stringify({ ApiVersion: '1.41', Version: '20' }));
    const header = request.headers['x-registry-auth'];
    const auth: unknown =
      typeof header === 'string' ? JSON.parse(Buffer.from(header, 'base64url').toString()) : undefined;
    asked.push({ url: request.url ?? '', auth });
    for (const line of lines) response.write(`${JSON.stringify(line)}\r\n`);
    if (!hang) response.end();
  });
  const socket = join(dir, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  engine = await connectEngine({ host: `unix://${socket}`, configDir: dir });
});
afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  rmSync(dir, { recursive: true });
});

test('progress sums up layers and bytes, and ends complete', async () => {
  const [a, b] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
  lines = [
    { status: 'Pulling from library/x', id: '1' },
    { status: 'Already exists', id: a, progressDetail: {} },
    { status: 'Downloading', id: b, progressDetail: { current: 30, total: 100 } },
    { status: 'Download complete', id: b },
    { status: 'Extracting', id: b, progressDetail: { current: 1, total: 100 } },
    { status: 'Pull complete', id: b },
    { status: 'Status: Downloaded newer image for x:1' },
  ];
  const seen: PullProgress[] = [];
  await pullImage(engine, 'x:1', { platform: 'linux/arm64', onProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toEqual({ layers: 2, layersDone: 2, bytes: 100, totalBytes: 100 });
  expect(asked[0]?.url).toContain('/images/create?fromImage=x&tag=1&platform=linux%2Farm64');
  expect(asked[0]?.auth).toBeUndefined();
  expect(engine.counts.mutate).toBe(1);
});

test('what was said last counts also when nothing follows', async () => {
  const layer = { id: 'aaaaaaaaaaaa', status: 'Downloading' };
  lines = [
    { ...layer, progressDetail: { current: 1, total: 9 } },
    { ...layer, progressDetail: { current: 4, total: 9 } },
  ];
  hang = true;
  const seen: PullProgress[] = [];
  const given = pullImage(engine, 'x:1', { onProgress: (progress) => seen.push(progress), silenceMs: 500 });
  await expect(given).rejects.toMatchObject({ code: 'DIVE-1208' });
  expect(seen.at(-1)).toEqual({ layers: 1, layersDone: 0, bytes: 4, totalBytes: 9 });
});

test.each([
  ['toomanyrequests: You have reached your pull rate limit', 'DIVE-1208'],
  ['failed to register layer: write /x: no space left on device', 'DIVE-1112'],
])('a failure after the good head is a failure: %s', async (error, code) => {
  lines = [{ status: 'Pulling' }, { error, errorDetail: { message: error } }];
  await expect(pullImage(engine, 'x:1')).rejects.toMatchObject({ code, message: `x:1: ${error}` });
});

test('a pull that is given up ends at once with the reason', async () => {
  lines = [{ status: 'Pulling' }];
  hang = true;
  const abort = new AbortController();
  const pull = pullImage(engine, 'x:1', { signal: abort.signal });
  setTimeout(() => abort.abort(new RangeError('enough')), 20);
  await expect(pull).rejects.toThrow('enough');
});

test('a registry that breaks off in the middle keeps nobody waiting for ever', async () => {
  lines = [{ status: 'Downloading', id: 'aaaaaaaaaaaa', progressDetail: { current: 1, total: 9 } }];
  hang = true;
  const pull = pullImage(engine, 'r.test/x:1', { silenceMs: 100 });
  await expect(pull).rejects.toMatchObject({
    code: 'DIVE-1208',
    message: 'r.test/x:1: the registry r.test has sent nothing for 0 s',
  });
});

test('credentials come from config.json, by registry', async () => {
  const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });
  const auths = {
    'https://index.docker.io/v1/': auth('hub:p:w'),
    'https://reg.test:5000/v2/': auth('me:secret'),
    'token.test': { identitytoken: 'tok' },
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ auths }));
  const of = (reference: string): ReturnType<typeof credentialsFor> => credentialsFor(dir, reference);
  expect(await of('postgres:17')).toMatchObject({ username: 'hub', password: 'p:w' });
  expect(await of('reg.test:5000/a/b:1')).toMatchObject({
    username: 'me',
    password: 'secret',
    serveraddress: 'reg.test:5000',
  });
  expect(await of('token.test/a')).toEqual({ identitytoken: 'tok', serveraddress: 'token.test' });
  expect(await of('other.test/a')).toBeUndefined();

  lines = [];
  const found = await of('reg.test:5000/a:1');
  await pullImage(engine, 'reg.test:5000/a:1', { auth: found });
  expect(asked[0]?.auth).toEqual(found);
});

test('credentials come from a helper, and one that fails means none', async () => {
  const helper = join(dir, 'docker-credential-test');
  const answer = '{"ServerURL":"reg.test","Username":"<token>","Secret":"idt"}';
  writeFileSync(helper, `#!/bin/sh\nread host\n[ "$host" = reg.test ] || exit 1\necho '${answer}'\n`);
  chmodSync(helper, 0o755);
  writeFileSync(
    join(dir, 'config.json'),
    JSON.stringify({ credHelpers: { 'reg.test': 'test', 'no.test': 'test', 'x.test': 'absent' } }),
  );
  const env = { PATH: `${dir}:/usr/bin:/bin` };
  const of = (reference: string): ReturnType<typeof credentialsFor> => credentialsFor(dir, reference, env);
  expect(await of('reg.test/a:1')).toEqual({ identitytoken: 'idt', serveraddress: 'reg.test' });
  expect(await of('no.test/a:1')).toBeUndefined();
  expect(await of('x.test/a:1')).toBeUndefined();
});

test.each([
  ['postgres', 'https://index.docker.io/v1/'],
  ['a/b', 'https://index.docker.io/v1/'],
  ['docker.io/a/b', 'https://index.docker.io/v1/'],
  ['localhost/a', 'localhost'],
  ['reg:5000/a', 'reg:5000'],
])('%s is of the registry %s', (reference, registry) => expect(registryOf(reference)).toBe(registry));

test('a reference is split where repository ends and tag or digest begins', () => {
  const repository = fc.constantFrom('x', 'a/x', 'reg:5000/x', 'reg.test/a/b');
  const tag = fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}$/);
  fc.assert(
    fc.property(repository, tag, (image, t) => expect(splitReference(`${image}:${t}`)).toEqual({ image, tag: t })),
  );
  fc.assert(fc.property(repository, (image) => expect(splitReference(image)).toEqual({ image, tag: 'latest' })));
  const digest = `sha256:${'0'.repeat(64)}`;
  expect(splitReference(`reg:5000/x:1@${digest}`)).toEqual({ image: 'reg:5000/x', tag: digest });
});

test.each([
  ['received unexpected HTTP status: 502 Bad Gateway', 'answers wrongly (502)'],
  ["error unmarshalling content: invalid character '<' looking for beginning of value", 'sends something else'],
  ['error parsing HTTP 403 response body: invalid character', 'sends something else'],
  ['Get "http://127.0.0.1:1/v2/": context deadline exceeded', 'does not answer'],
  ['Get "https://r.test/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)', 'does not'],
  ['Get "https://r.test/v2/": dial tcp: lookup r.test: no such host', 'is not known by that name here'],
  ['Get "https://r.test/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'cannot be reached'],
  ['Get "https://r.test/v2/": read tcp 127.0.0.1:9->127.0.0.1:1: read: connection reset by peer', 'broke off'],
  ['Get "https://r.test/v2/": EOF', 'broke off'],
])('the engine says: %s', async (error, words) => {
  lines = [{ error, errorDetail: { message: error } }];
  const failed: unknown = await pullImage(engine, 'r.test:5000/x:1').catch((e: unknown) => e);
  expect(failed).toMatchObject({ code: 'DIVE-1208', message: expect.stringContaining(words), lines: [error] });
  expect(failed).toMatchObject({ message: expect.stringContaining('r.test:5000/x:1: the registry r.test:5000 ') });
});

const LOGIN = 'docker login r.test';
test.each([
  // Engines 20.10 to 26 on a registry of their own, and on docker.io and those that speak like it.
  ['Head "http://r.test/v2/x/manifests/1": no basic auth credentials', 'asks for a login', LOGIN],
  ['unauthorized: authentication required', 'asks for a login', LOGIN],
  [
    "pull access denied for r.test/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'has no such image, or does not show it to you',
    LOGIN,
  ],
  ['error from registry: denied', 'has no such image, or does not show it to you', LOGIN],
  // Engines that hold their images in containerd.
  [
    'failed to resolve reference "r.test/x:1": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
    'asks for a login',
    LOGIN,
  ],
  [
    'unexpected status from HEAD request to https://r.test/v2/x/manifests/1: 401 Unauthorized',
    'asks for a login',
    LOGIN,
  ],
  ['unexpected status from HEAD request to https://r.test/v2/x/manifests/1: 403 Forbidden', 'asks for a login', LOGIN],
  ['failed to resolve reference "r.test/x:1": r.test/x:1: not found', 'has no such image', 'its tag'],
  ['manifest for r.test/x:1 not found: manifest unknown: manifest unknown', 'has no such image', 'its tag'],
  ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'has it for other platforms', 'platform:'],
  [
    'Get "https://r.test/v2/": x509: certificate signed by unknown authority',
    'shows a certificate that the engine does not trust',
    'certs.d/r.test/ca.crt',
  ],
  [
    'Get "https://r.test/v2/": http: server gave HTTP response to HTTPS client',
    'speaks HTTP without TLS',
    'insecure-registries',
  ],
])('a clear answer is not asked for again: %s', async (error, words, advice) => {
  lines = [{ error, errorDetail: { message: error } }];
  const failed: unknown = await pullImage(engine, 'r.test/x:1').catch((e: unknown) => e);
  expect(failed).toMatchObject({
    code: 'DIVE-1208',
    message: expect.stringContaining(`r.test/x:1: the registry r.test ${words}`),
    isFinal: true,
    next: [expect.stringContaining(advice)],
  });
});

test('a login that was sent and is not taken is not asked for', async () => {
  lines = [{ error: 'unauthorized: authentication required', errorDetail: { message: '' } }];
  const auth = { username: 'a', password: 'b', serveraddress: 'r.test' };
  await expect(pullImage(engine, 'r.test/x:1', { auth })).rejects.toMatchObject({
    message: 'r.test/x:1: the registry r.test does not take the login that is stored for it',
  });
});

test('an image without a registry in its name comes from docker.io', async () => {
  lines = [{ error: 'context deadline exceeded', errorDetail: { message: '' } }];
  await expect(pullImage(engine, 'x:1')).rejects.toMatchObject({
    message: 'x:1: the registry docker.io does not answer',
  });
});
