// The back end of the default hub, over HTTP, with stand-ins for its neighbours.
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Document } from '../../stacks/hub/backend/src/documents.ts';
import { Refusal } from '../../stacks/hub/backend/src/refusal.ts';
import type { Services } from '../../stacks/hub/backend/src/routes.ts';
import { makeServer } from '../../stacks/hub/backend/src/server.ts';

const LABEL = { releasableTo: ['USA'], communities: [] };
const DOCUMENTS: Document[] = [
  { id: 'D-1', title: 'open', classification: 'UNCLASSIFIED', ...LABEL, content: 'for all' },
  { id: 'D-2', title: 'closed', classification: 'SECRET', ...LABEL, content: 'for few' },
];
const TOKEN = {
  id: 'token-1',
  expiresAt: 4_000_000_000,
  subject: { id: 'user-1', name: 'erik', clearance: 'UNCLASSIFIED', communities: [] },
};

function services(more: Partial<Services> = {}): Services {
  return {
    authenticate: (authorization) =>
      authorization === 'Bearer good' ? Promise.resolve(TOKEN) : Promise.reject(new Refusal(401, 'no')),
    policy: {
      decide: (_subject, label) => {
        const allow = label.classification === 'UNCLASSIFIED';
        return Promise.resolve({ allow, reasons: allow ? [] : ['clearance UNCLASSIFIED is below SECRET'] });
      },
      visible: () => Promise.resolve(new Set(['D-1'])),
    },
    documents: {
      heads: () => Promise.resolve(DOCUMENTS.map(({ content: _content, ...head }) => head)),
      find: (id) => Promise.resolve(DOCUMENTS.find((document) => document.id === id)),
    },
    denyList: { add: () => Promise.resolve() },
    health: () => Promise.resolve({ status: 'ok', parts: { keycloak: 'ok', opa: 'ok', redis: 'ok', postgres: 'ok' } }),
    selfCheck: () => Promise.resolve(),
    ...more,
  };
}

interface Got {
  readonly status: number;
  readonly body: unknown;
}

async function ask(
  path: string,
  given = services(),
  init: { method?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  const server = makeServer(given, () => undefined).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = z.custom<AddressInfo>().parse(server.address());
    const headers = { authorization: 'Bearer good', connection: 'close', ...init.headers };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } finally {
    server.close();
  }
}

test('the list holds what the policy shows, without contents', async () => {
  const { status, body } = await ask('/documents');
  expect(status).toBe(200);
  expect(body).toEqual({ documents: [{ id: 'D-1', title: 'open', classification: 'UNCLASSIFIED', ...LABEL }] });
});

test('an allowed document comes whole', async () => {
  expect(await ask('/documents/D-1')).toEqual({ status: 200, body: DOCUMENTS[0] });
});

test('a denied one comes with the reason of the policy and nothing of its own', async () => {
  const reasons = ['clearance UNCLASSIFIED is below SECRET'];
  expect(await ask('/documents/D-2')).toEqual({ status: 403, body: { error: 'the policy denies it', reasons } });
});

test('what is not there is 404', async () => {
  expect((await ask('/documents/D-9')).status).toBe(404);
  expect((await ask('/documents/..%2Fetc')).status).toBe(404);
  expect((await ask('/elsewhere')).status).toBe(404);
});

test('without a good token nothing but health is said, not even whether a document is there', async () => {
  const headers = { authorization: 'Bearer bad' };
  for (const path of ['/documents', '/documents/D-1', '/documents/D-9']) {
    expect((await ask(path, services(), { headers })).status).toBe(401);
  }
  expect((await ask('/logout', services(), { method: 'POST', headers })).status).toBe(401);
  expect((await ask('/health', services(), { headers })).status).toBe(200);
});

test('logging out denies the token until it expires', async () => {
  const denied: unknown[] = [];
  const denyList = { add: (...entry: unknown[]) => Promise.resolve(void denied.push(entry)) };
  expect(await ask('/logout', services({ denyList }), { method: 'POST' })).toEqual({ status: 204, body: undefined });
  expect(denied).toEqual([['token-1', 4_000_000_000]]);
});

test('a log-out that was not kept is not called done', async () => {
  const denyList = { add: () => Promise.reject(new Error('ECONNREFUSED')) };
  expect((await ask('/logout', services({ denyList }), { method: 'POST' })).status).toBe(503);
});

test('another method is refused', async () => {
  expect((await ask('/documents', services(), { method: 'DELETE' })).status).toBe(405);
  expect((await ask('/logout')).status).toBe(405);
});

test('a sick neighbour makes health 503 and is named', async () => {
  const parts = { keycloak: 'ok', opa: 'ok', redis: 'ECONNREFUSED', postgres: 'ok' };
  const health = () => Promise.resolve({ status: 'unavailable' as const, parts });
  expect(await ask('/health', services({ health }))).toEqual({ status: 503, body: { status: 'unavailable', parts } });
});

test('an unexpected error says nothing of itself', async () => {
  const documents = { ...services().documents, heads: () => Promise.reject(new Error('password in here')) };
  const { status, body } = await ask('/documents', services({ documents }));
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('password');
});

test('the check of itself is open, and says what fails', async () => {
  const closed = { headers: { authorization: '' } };
  expect(await ask('/self-check', services(), closed)).toMatchObject({ status: 200, body: { status: 'ok' } });
  const sick = services({ selfCheck: () => Promise.reject(new Error('a bad token: 200 instead of 401')) });
  expect(await ask('/self-check', sick, closed)).toEqual({
    status: 503,
    body: { status: 'unavailable', error: 'a bad token: 200 instead of 401' },
  });
});
