// The default hub, raised once by `npm start`, which is killed half way and run again: who may read what, and who is named
// when a part of it is broken.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clone, cloneInto } from '../support/clone.ts';
import { type Ran, docker, resultOf, until } from '../support/command.ts';
import { copyHub, type Hub, type Reply } from '../support/hub.ts';
import { drills } from './hub-drills.ts';

// Keycloak alone takes half a minute on a busy machine.
jest.setTimeout(300_000);

// A server of its own, which `npm start` starts from its clone; that one goes when these tests end.
process.env.DIVE_HOME = path.join(process.env.DIVE_TEST_HOME ?? '', 'hub');

let hub: Hub;
let clone: Clone;
let raised: Ran;

beforeAll(async () => {
  hub = await copyHub();
  clone = await cloneInto(path.resolve(hub.project.path, '..', '..'));
  const killed = clone.begin('exec node scripts/start.cjs');
  await until('Keycloak is begun', () => /keycloak +create/.test(killed.output()) || undefined, 120_000).catch(
    (error: unknown) => {
      throw new Error(`npm start said ${killed.output()}`, { cause: error });
    },
  );
  killed.child.kill('SIGKILL');
  raised = await clone.run('exec node scripts/start.cjs');
  if (raised.code !== 0) throw new Error(`npm start ended with ${raised.code}: ${raised.stdout}${raised.stderr}`);
});

afterAll(async () => {
  await clone.run('./dive server stop');
  await hub[Symbol.asyncDispose]();
});

function backend(address: string, token?: string, method = 'GET'): Promise<Reply> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return hub.ask('BACKEND_PORT', address, { method, headers });
}

function health(says: Readonly<Record<string, unknown>>): Promise<true> {
  return until(`health says ${JSON.stringify(says)}`, async () => {
    const { body } = await backend('/health');
    const parts: unknown = Reflect.get(Object(body), 'parts');
    const all = { keycloak: 'ok', opa: 'ok', redis: 'ok', postgres: 'ok', ...says };
    return JSON.stringify(parts) === JSON.stringify(all) ? true : undefined;
  });
}

/** A line of what `npm start` printed, to be typed. */
function toType(start: string): string {
  const found = raised.stdout.split('\n').find((line) => line.startsWith(`  ${start}`));
  if (found === undefined) throw new Error(`no line "${start}…" in: ${raised.stdout}`);
  return found.replace(/ {3}\S.*$/, '');
}

test('npm start, killed half way and run again, ends with addresses, a user and what to type next, which works', async () => {
  const { BACKEND_PORT, KEYCLOAK_PORT } = await hub.settings();
  expect(raised.stdout).toContain('5 services healthy');
  expect(raised.stdout).toContain(`back end   http://127.0.0.1:${BACKEND_PORT}\n`);
  expect(raised.stdout).toContain(`Keycloak   http://127.0.0.1:${KEYCLOAK_PORT} `);
  expect(raised.stdout).toContain('Try it as bruno');
  const token = toType('token=$(npm run -s hub:token bruno)');
  const [all, denied] = ['/documents', '/documents/DOC-011'].map((address) =>
    toType(`curl -H "Authorization: Bearer $token" http://127.0.0.1:${BACKEND_PORT}${address}`),
  );
  expect((await clone.run(`${token}; ${all} -s`)).stdout).toContain('DOC-009');
  expect((await clone.run(`${token}; ${denied} -s`)).stdout).toContain('below TOP_SECRET');
  const status = await clone.run(`cd stacks/hub; ${toType('../../dive status')}`);
  expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/backend +core +healthy/) });
});

test('npm start with nothing to do says so, and soon', async () => {
  const before = await hub.project.ids();
  const begun = Date.now();
  const again = await clone.run('exec node scripts/start.cjs');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${hub.project.instance}: nothing to do; 5 services healthy`),
  });
  expect(Date.now() - begun).toBeLessThan(15_000);
  expect(await hub.project.ids()).toEqual(before);
});

test('Keycloak finds its tables made, as its own version makes them, and makes none', async () => {
  const said = (await docker('logs', hub.project.container('keycloak'))).join('\n');
  expect(said).toContain('Bootstrap completed');
  expect(said).not.toMatch(/Initializing database schema|Updating database/);
});

test('its secrets are readable by their owner alone', async () => {
  const { mode } = await stat(path.join(hub.project.path, 'hub.env'));
  expect((mode & 0o777).toString(8)).toBe('600');
});

test('each of the five users sees what clearance, country and communities allow, and nothing else', async () => {
  const seen: Record<string, string> = {};
  for (const user of ['alice', 'bruno', 'claire', 'david', 'erik']) {
    const { body } = await backend('/documents', await hub.token(user));
    seen[user] = [...JSON.stringify(body).matchAll(/DOC-0(\d\d)/g)].map((found) => found[1]).join(' ');
  }
  expect(seen).toEqual({
    alice: '01 02 03 04 05 06 07 08 09 10 11 12',
    bruno: '01 02 03 05 06 07 08 09',
    claire: '01 02 03 05 06',
    david: '01 02 03 04',
    erik: '01 02',
  });
});

test('an allowed document is read, a denied one refused with the reasons of the policy', async () => {
  const token = await hub.token('claire');
  const allowed = await backend('/documents/DOC-005', token);
  expect(allowed).toMatchObject({ status: 200, body: { id: 'DOC-005', content: 'The third convoy leaves at noon.' } });
  const reasons = ['clearance CONFIDENTIAL is below SECRET', 'for members of FVEY only', 'not releasable to FRA'];
  expect(await backend('/documents/DOC-010', token)).toMatchObject({ status: 403, body: { reasons } });
  expect(await backend('/documents/DOC-099', token)).toMatchObject({ status: 404 });
});

test('no token, garbage and a token that was changed are refused', async () => {
  const [head = '', , signature = ''] = (await hub.token('erik')).split('.');
  const [, payload = ''] = (await hub.token('alice')).split('.');
  for (const bad of [undefined, 'garbage', `${head}.${payload}.${signature}`]) {
    expect((await backend('/documents/DOC-001', bad)).status).toBe(401);
  }
});

test('nobody changes the policy over its port', async () => {
  const body = 'package dive.authz\ndecision := {"allow": true, "reasons": []}';
  expect((await hub.ask('OPA_PORT', '/v1/policies/mine', { method: 'PUT', body })).status).toBe(401);
  expect((await hub.ask('OPA_PORT', '/v1/data/dive', { method: 'PUT', body: '{}' })).status).toBe(401);
});

test('plain Compose and a second dive up find nothing to do', async () => {
  const before = await hub.project.ids();
  const plain = await hub.project.compose('--env-file', 'hub.env', 'up', '-d');
  expect({ code: plain.code, said: plain.code === 0 ? '' : plain.stderr }).toEqual({ code: 0, said: '' });
  const again = await hub.project.dive('up', '--json');
  expect(resultOf(again)).toMatchObject({ outcome: 'unchanged', engineCalls: { mutate: 0 } });
  expect(await hub.project.ids()).toEqual(before);
});

test('its plan has neither errors nor warnings', async () => {
  const planned = await hub.project.dive('plan', '--json');
  expect(JSON.parse(planned.stdout)).toMatchObject({ errors: [], warnings: [] });
});

test('a log-out outlives the death of Redis; meanwhile nobody gets in and health names Redis alone', async () => {
  const token = await hub.token('bruno');
  const other = await hub.token('bruno');
  expect((await backend('/logout', token, 'POST')).status).toBe(204);
  expect((await backend('/documents', token)).status).toBe(401);
  expect((await backend('/documents', other)).status).toBe(200);
  await docker('kill', hub.project.container('redis'));
  expect((await backend('/documents', other)).status).toBe(503);
  const { status, body } = await backend('/health');
  expect(status).toBe(503);
  expect(body).toMatchObject({ parts: { keycloak: 'ok', opa: 'ok', postgres: 'ok' } });
  await docker('start', hub.project.container('redis'));
  await health({});
  expect((await backend('/documents', token)).status).toBe(401);
  expect((await backend('/documents', other)).status).toBe(200);
});

test('a paused decision point is named, and nothing is given out', async () => {
  const token = await hub.token('alice');
  await docker('pause', hub.project.container('opa'));
  try {
    expect((await backend('/documents/DOC-001', token)).status).toBe(503);
    expect(await backend('/health')).toMatchObject({
      status: 503,
      body: { parts: { keycloak: 'ok', redis: 'ok', postgres: 'ok' } },
    });
  } finally {
    await docker('unpause', hub.project.container('opa'));
  }
  await health({});
});

// Docker's own verdict, which plain Compose goes by, is late for a while after a break: they come last.
describe('broken on purpose', () => {
  drills(() => hub);
});
