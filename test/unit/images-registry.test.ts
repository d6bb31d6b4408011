// Official images or our own: what an engine answers about a registry, and what is made of it.
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Answer {
  readonly image: string;
  readonly verdict: string;
  readonly why: string;
}
const registry: {
  readonly askRegistry: (image: string, socketPath: string, limitMs?: number) => Promise<Answer>;
} = require('../../scripts/images/registry.cjs');
const chooser: {
  readonly choose: (
    socketPath: string | undefined,
    ask?: (image: string, socketPath: string) => Promise<Answer>,
    present?: (images: string[]) => Promise<Map<string, object>>,
  ) => Promise<{ readonly choice: string; readonly why: readonly string[] }>;
} = require('../../scripts/images/choose.cjs');

let folder: string;
let engine: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dive-registry-'));
});
afterEach(() => {
  engine?.closeAllConnections();
  engine?.close();
  engine = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** An engine that answers every question about a registry like this; undefined: never. */
async function engineSays(status: number | undefined, body = ''): Promise<string> {
  const socket = join(folder, 'engine.sock');
  engine = createServer((_, response) => {
    if (status !== undefined) response.writeHead(status).end(body);
  });
  await new Promise<void>((done) => engine?.listen(socket, done));
  return socket;
}
const message = (text: string): string => JSON.stringify({ message: text });

test.each([
  [200, '{"Descriptor":{}}', 'there'],
  [500, message('Get "https://quay.io/v2/": dial tcp: lookup quay.io on 10.0.0.1:53: no such host'), 'unreachable'],
  [500, message('Get "https://quay.io/v2/": dial tcp 10.1.1.1:443: connect: connection refused'), 'unreachable'],
  [500, message('net/http: request canceled (Client.Timeout exceeded while awaiting headers)'), 'silent'],
  [500, message("error unmarshalling content: invalid character '<' looking for beginning of value"), 'garbled'],
  [500, '<html>Bad gateway</html>', 'garbled'],
  [404, message('manifest unknown: manifest unknown'), 'unknown'],
  [401, message('unauthorized: access to the requested resource is not authorized'), 'refused'],
  [403, message('denied: requested access to the resource is denied'), 'refused'],
  [500, message('Head "https://quay.io/v2/x/manifests/1": no basic auth credentials'), 'refused'],
  [429, message('toomanyrequests: You have reached your pull rate limit'), 'limited'],
  [500, message('toomanyrequests: You have reached your pull rate limit'), 'limited'],
])('%d %s is read as %s', async (status, body, verdict) => {
  const socket = await engineSays(status, body);
  const answer = await registry.askRegistry('quay.io/keycloak/keycloak:26.7.3', socket);
  expect(answer).toMatchObject({ image: 'quay.io/keycloak/keycloak:26.7.3', verdict });
  expect(answer.why).toContain('quay.io');
});

test('a registry that accepts and says nothing costs the limit and no more', async () => {
  const socket = await engineSays(undefined);
  const begun = Date.now();
  expect(await registry.askRegistry('postgres:15.20', socket, 300)).toEqual({
    image: 'postgres:15.20',
    verdict: 'silent',
    why: 'Docker Hub does not answer within 0.3 s',
  });
  expect(Date.now() - begun).toBeLessThan(1_500);
});

const nothing = async (): Promise<Map<string, object>> => new Map();
const all = (verdict: string, why: string) => async (image: string) => ({ image, verdict, why });

test('official when the engine can have every image', async () => {
  expect(await chooser.choose('/x', all('there', ''), nothing)).toEqual({ choice: 'official', why: [] });
});

test('an image that the engine has already is not asked for', async () => {
  const asked: string[] = [];
  const ask = async (image: string) => {
    asked.push(image);
    return { image, verdict: 'there', why: '' };
  };
  await chooser.choose('/x', ask, async () => new Map([['redis:7.0.15', {}]]));
  expect(asked).toHaveLength(4);
  expect(asked).not.toContain('redis:7.0.15');
});

test('local when one of them cannot be had; a silent registry is one reason, a refused image names itself', async () => {
  expect(await chooser.choose('/x', all('silent', 'it does not answer'), nothing)).toEqual({
    choice: 'local',
    why: ['it does not answer'],
  });
  const ask = async (image: string) =>
    image.startsWith('redis')
      ? { image, verdict: 'limited', why: 'enough for now' }
      : { image, verdict: 'there', why: '' };
  expect(await chooser.choose('/x', ask, nothing)).toEqual({
    choice: 'local',
    why: ['redis:7.0.15: enough for now'],
  });
});

test('an engine elsewhere is not asked', async () => {
  expect(await chooser.choose(undefined, all('silent', 'never asked'), nothing)).toEqual({
    choice: 'official',
    why: [],
  });
});
