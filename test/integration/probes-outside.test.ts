// Functional probes asked over a published port, of real servers: what they prove, what they leave behind, and when the
// question goes inside instead.
import { connectEngine, type Engine } from '../../adapters/docker/connect.ts';
import { execInContainer } from '../../adapters/docker/exec.ts';
import { inspectContainer, inspectImage } from '../../adapters/docker/inspect.ts';
import { askProbe } from '../../adapters/probes/ask.ts';
import { functionalProbe } from '../../adapters/probes/functional-kinds.ts';
import { environmentOf } from '../../adapters/probes/outside.ts';
import type { Environment } from '../../adapters/probes/probe.ts';
import type { ProbeResult } from '../../schema/probe.ts';
import { docker, until } from '../support/command.ts';
import { hubImage } from '../support/hub.ts';
import { freePort } from '../support/listening.ts';
import { TinyProject } from './tiny-project.ts';

jest.setTimeout(90_000);

interface Server extends AsyncDisposable {
  readonly id: string;
  readonly environment: Environment;
  /** Once, and says whether a command was run in the container for it. */
  ask(environment?: Environment): Promise<{ answer: ProbeResult; inside: boolean }>;
}

let engine: Engine;
beforeAll(async () => {
  engine = await connectEngine();
});

async function raise(
  name: 'postgres' | 'redis',
  {
    port,
    env,
    command,
    isPublished = true,
  }: { port: number; env: string[]; command?: string[]; isPublished?: boolean },
): Promise<Server> {
  const image = await hubImage(`${name.toUpperCase()}_IMAGE`);
  const found = await inspectImage(engine, image);
  if (!found) throw new Error(`${image} is gone`);
  const project = new TinyProject(found.id);
  const bindings = { [`${port}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(await freePort()) }] };
  const service = project.service(
    name,
    '',
    { image },
    {
      Image: image,
      Cmd: command,
      Env: env,
      ExposedPorts: { [`${port}/tcp`]: {} },
      HostConfig: { NetworkMode: 'bridge', ...(isPublished ? { PortBindings: bindings } : {}) },
    },
  );
  const id = await project.raise(engine, service);
  const ask: Server['ask'] = async (environment = environmentOf(service)) => {
    const container = await inspectContainer(engine, id);
    if (!container) throw new Error('the container is gone');
    let inside = false;
    const answer = await askProbe(functionalProbe(name, {}, environment), {
      container,
      nowMs: Date.now(),
      attempt: 0,
      exec: (argv, options) => {
        inside = true;
        return execInContainer(engine, id, argv, options);
      },
    });
    return { answer, inside };
  };
  const dispose = (): Promise<void> => project[Symbol.asyncDispose]();
  return { id, environment: environmentOf(service), ask, [Symbol.asyncDispose]: dispose };
}

const works = (server: Server): Promise<unknown> =>
  until('it works', async () => ((await server.ask()).answer.ok ? true : undefined), 60_000);

const POSTGRES = { port: 5432, env: ['POSTGRES_PASSWORD=p w%1', 'POSTGRES_USER=ada', 'POSTGRES_DB=shop'] };
const REDIS = {
  port: 6379,
  env: ['REDIS_PASSWORD=p w%1é'],
  command: ['sh', '-c', 'exec redis-server --requirepass "$REDIS_PASSWORD"'],
};

test('PostgreSQL writes and reads over its published port, and nothing of it stays', async () => {
  await using postgres = await raise('postgres', POSTGRES);
  await works(postgres);
  const { answer, inside } = await postgres.ask();
  expect([answer.ok, answer.level, inside]).toEqual([true, 4, false]);
  expect(answer.evidence).toMatch(/^wrote and read a row in \d+ ms$/);
  const psql = ['exec', postgres.id, 'psql', '-U', 'ada', '-d', 'shop', '-tAc'];
  const left = "select count(*) from pg_class where relname = 'dive_probe'";
  expect((await docker(...psql, left))[0]).toBe('0');
  await until(
    'its connection is gone',
    async () => {
      const [count] = await docker(...psql, "select count(*) from pg_stat_activity where application_name = 'dive'");
      return count === '0' ? true : undefined;
    },
    5_000,
  );
  expect((await docker('logs', postgres.id)).join('\n')).not.toMatch(/unexpected EOF|reset by peer/);
});

test('of a PostgreSQL that does not take the password, the reason is asked inside', async () => {
  await using postgres = await raise('postgres', POSTGRES);
  await works(postgres);
  await docker('exec', postgres.id, 'psql', '-U', 'ada', '-d', 'shop', '-c', "alter role ada password 'another'");
  const { answer, inside } = await postgres.ask();
  expect([answer.ok, inside]).toEqual([false, true]);
  expect(answer.evidence).toMatch(/FATAL: password authenticat/);
});

test('where no port is published, or no password is in the file, the container asks itself', async () => {
  await using hidden = await raise('postgres', { ...POSTGRES, isPublished: false });
  await works(hidden);
  expect(await hidden.ask()).toMatchObject({ answer: { ok: true, level: 4 }, inside: true });
  await using postgres = await raise('postgres', POSTGRES);
  await works(postgres);
  expect(await postgres.ask({})).toMatchObject({ answer: { ok: true, level: 4 }, inside: true });
});

test('Redis writes and reads over its published port, and nothing of it stays', async () => {
  await using redis = await raise('redis', REDIS);
  await works(redis);
  const { answer, inside } = await redis.ask();
  expect([answer.ok, answer.level, inside]).toEqual([true, 4, false]);
  expect(answer.evidence).toMatch(/^wrote and read a key in \d+ ms$/);
  expect(
    (await docker('exec', redis.id, 'sh', '-c', 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli dbsize')).join(''),
  ).toBe('0');
});

test('a Redis that cannot write, and one with another password, are asked inside', async () => {
  await using redis = await raise('redis', REDIS);
  await works(redis);
  const cli = (...words: string[]): Promise<string[]> =>
    docker('exec', '-e', 'REDISCLI_AUTH=p w%1é', redis.id, 'redis-cli', ...words);
  await cli('replicaof', '127.0.0.1', '1');
  expect(await redis.ask()).toMatchObject({ answer: { ok: true, level: 3 }, inside: true });
  await cli('replicaof', 'no', 'one');
  await cli('config', 'set', 'requirepass', 'another');
  const { answer, inside } = await redis.ask();
  expect([answer.ok, inside]).toEqual([false, true]);
  expect(answer.evidence).toMatch(/WRONGPASS|NOAUTH/);
});
