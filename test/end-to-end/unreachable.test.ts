// An engine that does not answer is named, with its address and what to type, within ten seconds; and a wrong address in
// the environment harms nothing that runs.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import path from 'node:path';
import { type Ran, TestProject, testServer } from '../support/command.ts';
import { service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

// Nearly all of their time is waiting: they run at the same time.

const WITHIN_MS = 10_000;

let silent: Server;
let silentPort: number;
let project: TestProject;

/** Listens on a path or a port, accepts everybody and never says a word. */
async function mute(at: string | number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  if (typeof at === 'string') server.listen(at);
  else server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  silent = await mute(0);
  const address = silent.address();
  silentPort = typeof address === 'object' && address ? address.port : 0;
  project = await TestProject.make('unreachable', service('web'));
  await project.dive('server', 'start');
});
afterAll(async () => {
  silent.close();
  await project[Symbol.asyncDispose]();
});

async function timed(variables: Record<string, string>, ...args: string[]): Promise<Ran & { ms: number }> {
  const begun = Date.now();
  const ran = await project.beginWith(variables, ...args).ended;
  return { ...ran, ms: Date.now() - begun };
}

/** What was not as it should be when these verbs ran at the same time; empty is good. */
async function faults(
  variables: Record<string, string>,
  verbs: readonly string[],
  words: readonly string[],
): Promise<string[]> {
  const before = JSON.stringify(testServer());
  const all = await Promise.all(verbs.map(async (verb) => ({ verb, ...(await timed(variables, verb)) })));
  const found = all.flatMap(({ verb, code, stderr, ms }) => [
    ...(code === 6 ? [] : [`${verb}: exit ${code}`]),
    ...(ms < WITHIN_MS ? [] : [`${verb} took ${ms} ms`]),
    ...words.filter((word) => !stderr.includes(word)).map((word) => `${verb} does not say ${word}: ${stderr}`),
    ...(/^ {2}now +nothing was touched$[\s\S]*^ {2}next +\S/m.test(stderr)
      ? []
      : [`${verb}, no now or next: ${stderr}`]),
    ...(stderr.includes('t-password') ? [`${verb} says a password: ${stderr}`] : []),
  ]);
  return JSON.stringify(testServer()) === before ? found : [...found, 'the server that runs was touched'];
}

test.concurrent('a Docker engine that is not there', async () => {
  await using folder = await temporaryFolder();
  const host = `unix://${folder.path}/docker.sock`;
  expect(
    await faults({ DOCKER_HOST: host }, ['plan', 'up'], ['DIVE-1601', `the Docker engine at ${host} does not answer`]),
  ).toEqual([]);
});

test.concurrent('a Docker engine that accepts and never answers', async () => {
  await using folder = await temporaryFolder();
  const engine = await mute(path.join(folder.path, 'docker.sock'));
  try {
    const host = `unix://${folder.path}/docker.sock`;
    expect(await faults({ DOCKER_HOST: host }, ['plan', 'up'], ['DIVE-1601', host, 'nothing in'])).toEqual([]);
  } finally {
    engine.close();
  }
});

test.concurrent.each(['not there', 'silent'])('a PostgreSQL that is %s', async (how) => {
  const at = `127.0.0.1:${how === 'silent' ? silentPort : 9}`;
  const url = `postgres://dive:t-password@${at}/dive`;
  expect(
    await faults(
      { DIVE_DATABASE_URL: url },
      ['up', 'status'],
      ['DIVE-1602', `PostgreSQL at ${at}`, 'DIVE_DATABASE_URL'],
    ),
  ).toEqual([]);
});

test.concurrent.each(['not there', 'silent'])('a Temporal that is %s', async (how) => {
  const at = `127.0.0.1:${how === 'silent' ? silentPort : 9}`;
  expect(
    await faults({ TEMPORAL_ADDRESS: at }, ['up', 'status'], ['DIVE-1603', `Temporal at ${at}`, 'TEMPORAL_ADDRESS']),
  ).toEqual([]);
});

test.concurrent(
  'a Temporal or a database that answers and is another one than the server uses is said, and the server stays',
  async () => {
    const temporal = { TEMPORAL_ADDRESS: process.env.DIVE_TEST_TEMPORAL_ADDRESS ?? '' };
    const stays = testServer().temporalAddress;
    expect(await faults(temporal, ['up'], ['DIVE-1603', stays, 'unset TEMPORAL_ADDRESS', 'dive server stop'])).toEqual(
      [],
    );
    const database = { DIVE_DATABASE_URL: process.env.DIVE_TEST_DATABASE_URL ?? '' };
    expect(await faults(database, ['up'], ['DIVE-1602', 'unset DIVE_DATABASE_URL', 'dive server stop'])).toEqual([]);
  },
);

test.concurrent('a wrong address starts nothing where no server runs', async () => {
  await using home = await temporaryFolder();
  for (const [name, value] of [
    ['TEMPORAL_ADDRESS', '127.0.0.1:9'],
    ['DIVE_DATABASE_URL', 'postgres://dive@127.0.0.1:9/dive'],
  ] as const) {
    const ran = await timed({ DIVE_HOME: home.path, [name]: value }, 'up');
    expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('127.0.0.1:9 does not answer') });
    expect(ran.ms).toBeLessThan(WITHIN_MS);
  }
  expect(existsSync(path.join(home.path, 'server.json'))).toBe(false);
});
