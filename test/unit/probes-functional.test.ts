// Functional probes against services that only speak: what they conclude from an answer. The real ones are raised in
// test/integration.
import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { type Socket, createServer as createTcpServer } from 'node:net';
import { askProbe } from '../../adapters/probes/ask.ts';
import { functionalProbe, functionalProbeOf } from '../../adapters/probes/functional-kinds.ts';
import type { Exec } from '../../adapters/probes/probe.ts';
import type { ContainerState } from '../../schema/observed.ts';
import { ProbeOption, type ExecAnswer } from '../../schema/probe.ts';
import { closeListening, listen } from '../support/listening.ts';

afterEach(closeListening);

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));

function container(port: number, hostPort?: number): ContainerState {
  return {
    id: 'c1',
    name: 'hub-x-1',
    imageId: 'sha256:0',
    image: 'x',
    labels: {},
    state: 'running',
    exitCode: 0,
    oomKilled: false,
    error: '',
    restartCount: 0,
    networks: ['hub'],
    ports: hostPort === undefined ? [] : [{ port, protocol: 'tcp', hostIp: '127.0.0.1', hostPort }],
    volumes: [],
    stopSignal: 'SIGTERM',
  };
}

const never: Exec = () => Promise.reject(new Error('no command expected'));
const says =
  (exitCode: number, output: string): Exec =>
  () =>
    Promise.resolve({ kind: 'exited', exitCode, output });

describe('OPA', () => {
  const probe = functionalProbe('opa', { decision: 'hub.authz.allow', input: { who: 'ada' }, expect: true });

  function opa(result: string, health = 200): RequestListener {
    return (request, response) => {
      if (request.url === '/health?bundles=true&plugins=true') {
        response.writeHead(health).end(health === 200 ? '{}' : '{"error":"one or more bundles are not activated"}');
        return;
      }
      let body = '';
      request.on('data', (text: Buffer) => (body += text.toString()));
      request.on('end', () => {
        const asked = request.url === '/v1/data/hub/authz/allow' && body === '{"input":{"who":"ada"}}';
        response.writeHead(asked ? 200 : 404).end(result);
      });
    };
  }

  test.each([
    ['as its policy says', '{"result":true}', 200, true, /^decides as its policy says/],
    ['otherwise', '{"result":false}', 200, false, /^hub.authz.allow should be true and is false/],
    ['nothing: the policy is missing', '{}', 200, false, /is nothing: is the policy there\?/],
    ['not yet: its bundles are missing', '{"result":true}', 500, false, /^\/health says 500: one or more bundles/],
  ])('it decides %s', async (_what, result, health, ok, text) => {
    const port = await serve(opa(result, health));
    const answer = await askProbe(probe, { container: container(8181, port), exec: never, nowMs: 0, attempt: 0 });
    expect(answer).toMatchObject({ ok, level: 4, evidence: expect.stringMatching(text) });
  });

  test('without a published port it is asked by its own program', async () => {
    const asked: string[] = [];
    const exec: Exec = (argv) => {
      asked.push(argv.slice(0, 2).join(' '));
      const body = argv.at(-1)?.includes('/v1/data/') ? '{\\"result\\":true}' : '{}';
      return says(0, `[200,"${body}"]`)(argv, { timeoutMs: 1 });
    };
    const answer = await askProbe(probe, { container: container(8181), exec, nowMs: 0, attempt: 0 });
    expect([answer.ok, asked]).toEqual([true, ['/opa eval', '/opa eval']]);
  });

  test('nobody listens', async () => {
    const port = await serve(() => undefined);
    await closeListening();
    const answer = await askProbe(probe, { container: container(8181, port), exec: never, nowMs: 0, attempt: 0 });
    expect(answer).toMatchObject({ ok: false, evidence: expect.stringContaining('connection refused') });
  });
});

describe('Keycloak', () => {
  /** The script itself, on this machine, with the environment of the container. */
  function inside(port: number, env: Record<string, string>): Exec {
    return (argv) =>
      new Promise<ExecAnswer>((resolve) => {
        const [command = '', ...rest] = argv;
        const all = { PATH: process.env['PATH'] ?? '', KC_HTTP_PORT: String(port), ...env };
        execFile(command, rest, { env: all, timeout: 5000 }, (error, stdout, stderr) =>
          resolve({ kind: 'exited', exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
        );
      });
  }

  async function ask(status: number, answer: object, env: Record<string, string>, options = {}, isPublished = false) {
    const seen: string[] = [];
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (text: Buffer) => (body += text.toString()));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${body}`);
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    const exec = isPublished && status === 200 ? never : inside(port, env);
    const published = isPublished ? port : undefined;
    const target = { container: container(8080, published), exec, nowMs: 0, attempt: 0 };
    return { seen, answer: await askProbe(functionalProbe('keycloak', options, env), target) };
  }

  const CLIENT = { realm: 'hub', client: 'app', secret: 'APP_SECRET' };
  const TOKEN = { access_token: 'a.b.c', token_type: 'Bearer' };

  test('a client of its own gets a token; the secret arrives encoded and no token is said', async () => {
    const { seen, answer } = await ask(200, TOKEN, { APP_SECRET: 'p&ss w=rd' }, CLIENT);
    expect(answer).toMatchObject({ ok: true, level: 4, evidence: expect.stringMatching(/^issued a token in /) });
    expect(seen).toEqual([
      'POST /realms/hub/protocol/openid-connect/token grant_type=client_credentials&client_id=app&client_secret=p%26ss%20w%3Drd',
    ]);
    expect(JSON.stringify(answer)).not.toContain('a.b.c');
  });

  test('the same over its published port, without a command in its container', async () => {
    const { seen, answer } = await ask(200, TOKEN, { APP_SECRET: 'p&ss w=rd' }, CLIENT, true);
    expect(answer).toMatchObject({ ok: true, level: 4, evidence: expect.stringMatching(/^issued a token in /) });
    expect(seen).toEqual([
      'POST /realms/hub/protocol/openid-connect/token grant_type=client_credentials&client_id=app&client_secret=p%26ss+w%3Drd',
    ]);
  });

  test('what is refused over its published port is asked again inside, and that answer counts', async () => {
    const { seen, answer } = await ask(401, { error: 'invalid_client' }, { APP_SECRET: 'x' }, CLIENT, true);
    expect(answer).toMatchObject({ ok: false, evidence: expect.stringMatching(/^no token: 401 invalid_client after/) });
    expect(seen).toHaveLength(2);
  });

  test.each([
    [401, { error: 'unauthorized_client' }, /^no token: 401 unauthorized_client after/],
    [500, { error: 'unknown_error' }, /^no token: 500 unknown_error after/],
  ])('%i is no token', async (status, body, text) => {
    const { answer } = await ask(status, body, { APP_SECRET: 'x' }, CLIENT);
    expect(answer).toMatchObject({ ok: false, level: 4, evidence: expect.stringMatching(text) });
  });

  const ADMIN = { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'pw' };

  test('without a client the first administrator is asked for, and its session is ended', async () => {
    const { seen, answer } = await ask(200, { ...TOKEN, refresh_token: 'r' }, ADMIN);
    expect(answer).toMatchObject({ ok: true, level: 4 });
    expect(seen.map((s) => s.split(' ')[1])).toEqual([
      '/realms/master/protocol/openid-connect/token',
      '/realms/master/protocol/openid-connect/logout',
    ]);
  });

  test('an administrator that was replaced says nothing against it', async () => {
    const { answer } = await ask(401, { error: 'invalid_grant' }, ADMIN);
    expect(answer).toMatchObject({ ok: true, level: 3, evidence: expect.stringContaining('no longer accepted') });
  });
});

describe('Redis', () => {
  test.each([
    [0, '42', true, 4, /^wrote and read a key in/],
    [0, 'replica', true, 3, /^a replica/],
    [1, 'NOAUTH Authentication required.', false, 4, /NOAUTH/],
    [0, 'nil', false, 4, /wrote 42, read "nil"/],
  ])('exit %i with %j', async (exitCode, output, ok, level, text) => {
    const target = { container: container(6379), exec: says(exitCode, `${output}\n`), nowMs: 0, attempt: 0 };
    const answer = await askProbe(functionalProbe('redis', {}), target);
    expect(answer).toMatchObject({ ok, level, evidence: expect.stringMatching(text) });
  });
});

describe('over a published port', () => {
  async function ask(name: 'postgres' | 'redis', serve: (socket: Socket) => void, signal?: AbortSignal) {
    const hostPort = await listen(createTcpServer(serve));
    const environment = { POSTGRES_PASSWORD: 'secret', REDIS_PASSWORD: 'secret' };
    const own = container(name === 'postgres' ? 5432 : 6379, hostPort);
    const exec = says(1, 'asked inside');
    return askProbe(functionalProbe(name, {}, environment), { container: own, exec, nowMs: 0, attempt: 0, signal });
  }

  test.each(['postgres', 'redis'] as const)('a %s that accepts and says nothing is asked inside', async (name) => {
    const answer = await ask(name, () => undefined);
    expect(answer).toMatchObject({ ok: false, evidence: 'exit 1: asked inside' });
    expect(answer.latencyMs).toBeLessThan(3000);
  });

  test.each(['postgres', 'redis'] as const)('so is a %s that says something else', async (name) => {
    const answer = await ask(name, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(answer).toMatchObject({ ok: false, evidence: 'exit 1: asked inside' });
  });

  test('on the network of the host it is asked inside: there the image takes every password', async () => {
    let asked = 0;
    const port = await listen(createTcpServer(() => (asked += 1)));
    const own = { ...container(port), networks: ['host'] };
    const environment = { POSTGRES_PASSWORD: 'secret', PGPORT: String(port) };
    const target = { container: own, exec: says(1, 'asked inside'), nowMs: 0, attempt: 0 };
    const answer = await askProbe(functionalProbe('postgres', {}, environment), target);
    expect([answer.evidence, asked]).toEqual(['exit 1: asked inside', 0]);
  });

  test('who is no longer wanted stops at once', async () => {
    const enough = new AbortController();
    const asked = ask('redis', () => enough.abort(new Error('enough')), enough.signal);
    await expect(asked).rejects.toThrow('enough');
  });
});

test.each([
  ['valkey/valkey:8', 'redis'],
  ['redis:7.0.15@sha256:00', 'redis'],
  ['quay.io/keycloak/keycloak:26.7.3', 'keycloak'],
  ['openpolicyagent/opa:1.22.2-static', 'opa'],
  ['registry.test:5000/library/postgres', 'postgres'],
  ['redis-exporter', undefined],
])('%s is asked as %s', (image, name) => expect(functionalProbeOf(of(image))?.name).toBe(name));

function of(image: string, words: { command?: string[]; entrypoint?: string[] } = {}) {
  return {
    image,
    body: { Image: image, Labels: {}, HostConfig: {}, Cmd: words.command, Entrypoint: words.entrypoint },
  };
}

test.each([
  ['postgres', { command: ['postgres', '-c', 'fsync=off'] }],
  ['postgres', { command: ['-c', 'max_connections=200'] }],
  ['postgres', { entrypoint: ['/usr/local/bin/docker-entrypoint.sh'], command: ['postgres'] }],
  ['redis', { command: ['sh', '-c', 'exec redis-server --requirepass "$REDIS_PASSWORD"'] }],
  ['redis', { command: ['sh', '-c', 'echo starts\nredis-server -'] }],
  ['redis', { command: ['sh', '-c', 'sysctl -w a=1 && /usr/bin/redis-server'] }],
  ['keycloak', { command: ['start', '--import-realm'] }],
  ['keycloak', { entrypoint: ['/opt/keycloak/bin/kc.sh'], command: ['start-dev'] }],
  ['opa', { command: ['run', '--server'] }],
])('a service of %s with %j is its server', (image, words) =>
  expect(functionalProbeOf(of(image, words))?.name).toBe(image),
);

test.each([
  ['postgres', { command: ['psql', '-h', 'postgres', '-c', 'select 1'] }],
  ['postgres', { entrypoint: ['sh', '-c'], command: ['while :; do pg_dump -h postgres -U postgres; sleep 1d; done'] }],
  ['postgres', { command: ['sleep', 'infinity'] }],
  ['redis', { command: ['redis-cli', '-h', 'redis', 'monitor'] }],
  ['keycloak', { command: ['export', '--dir', '/x'] }],
  ['opa', { command: ['test', '/policy'] }],
])('a service of %s with %j is a client of it, and not asked as a server', (image, words) =>
  expect(functionalProbeOf(of(image, words))).toBeUndefined(),
);

test.each([
  [{ keycloak: { client: 'app' } }],
  [{ opa: { decision: 'a.b' } }],
  [{ opa: { decision: 'a b', expect: true } }],
  [{ exec: ['x'], level: 1 }],
])('%j is refused', (option) => expect(ProbeOption.safeParse(option).success).toBe(false));
