// The back end of the default hub: how it asks OPA, and what it makes of strange answers.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { askKnownQuestions, checkHealth, fetchKeys } from '../../stacks/hub/backend/src/health.ts';
import { opaPolicy } from '../../stacks/hub/backend/src/policy.ts';
import { within } from '../../stacks/hub/backend/src/within.ts';

const SUBJECT = { id: 'user-1', name: 'erik', clearance: 'SECRET', country: 'USA', communities: [] };
const LABEL = { classification: 'SECRET', releasableTo: ['USA'], communities: [] };

/** A neighbour on loopback that answers as told. */
async function withServer<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = z.custom<AddressInfo>().parse(server.address());
    return await use(`http://127.0.0.1:${port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function saying(body: unknown, status = 200): RequestListener {
  return (_request, response) => response.writeHead(status).end(JSON.stringify(body));
}

test('the question names subject and document, the answer is what OPA says', async () => {
  let asked = '';
  const listener: RequestListener = (request, response) => {
    request.on('data', (chunk: Buffer) => (asked += chunk.toString()));
    request.on('end', () => response.end('{"result":{"allow":false,"reasons":["why"]}}'));
  };
  const decision = await withServer(listener, (url) => opaPolicy(url).decide(SUBJECT, LABEL));
  expect(decision).toEqual({ allow: false, reasons: ['why'] });
  expect(JSON.parse(asked)).toEqual({ input: { subject: SUBJECT, document: LABEL } });
});

test('a missing policy, an error, a strange answer and silence are never a yes', async () => {
  const strange = [saying({}), saying({ result: true }), saying({ result: { allow: true } }), saying({}, 500)];
  for (const listener of strange) {
    const asked = withServer(listener, (url) => opaPolicy(url).decide(SUBJECT, LABEL));
    await expect(asked).rejects.toMatchObject({ status: 503 });
    const seen = withServer(listener, (url) => opaPolicy(url).visible(SUBJECT, [{ id: 'D-1', ...LABEL }]));
    await expect(seen).rejects.toMatchObject({ status: 503 });
  }
  await expect(opaPolicy('http://127.0.0.1:9').decide(SUBJECT, LABEL)).rejects.toMatchObject({ status: 503 });
});

test('a policy that says the same to everybody is not healthy', async () => {
  for (const allow of [true, false]) {
    const decide = () => Promise.resolve({ allow, reasons: [] });
    await expect(askKnownQuestions({ decide })).rejects.toThrow('decides wrongly');
  }
});

test('keys are an answer with keys in it', async () => {
  await withServer(saying({ keys: [{ kty: 'RSA' }] }), fetchKeys);
  await expect(withServer(saying({ keys: [] }), fetchKeys)).rejects.toThrow('no keys');
  await expect(withServer(saying({ error: 'unknown_error' }, 500), fetchKeys)).rejects.toThrow('says 500');
});

test('health names who does not answer, and blames nobody else', async () => {
  const fine = (): Promise<void> => Promise.resolve();
  const refused = Object.assign(new Error('connect 10.0.0.1:6379'), { code: 'ECONNREFUSED' });
  const health = await checkHealth({
    keys: fine,
    policy: fine,
    denyList: () => Promise.reject(refused),
    database: () => Promise.reject(new Error('no result', { cause: refused })),
  });
  expect(health).toEqual({
    status: 'unavailable',
    parts: { keycloak: 'ok', opa: 'ok', redis: 'ECONNREFUSED', postgres: 'ECONNREFUSED' },
  });
});

test('a neighbour that hangs is given up in time', async () => {
  await expect(within('redis', new Promise<void>(() => undefined), 20)).rejects.toThrow('redis gave no answer');
});
