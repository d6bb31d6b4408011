import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askProbe } from '../../adapters/probes/ask.ts';
import { evidence } from '../../adapters/probes/evidence.ts';
import { functionalProbe } from '../../adapters/probes/functional-kinds.ts';
import type { Probe, ProbeTarget } from '../../adapters/probes/probe.ts';
import type { ContainerState } from '../../schema/observed.ts';
import { ProbeResult, type ExecAnswer } from '../../schema/probe.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address and a port');
  return address.port;
}

function container(hostPort: number | undefined, more: Partial<ContainerState> = {}): ContainerState {
  return {
    id: 'c1',
    name: 'shop-web-1',
    imageId: 'sha256:0',
    image: 'web',
    labels: {},
    state: 'running',
    exitCode: 0,
    oomKilled: false,
    error: '',
    startedAtMs: 1000,
    restartCount: 0,
    networks: ['shop_default'],
    ports: hostPort === undefined ? [] : [{ port: 8080, protocol: 'tcp', hostIp: '0.0.0.0', hostPort }],
    volumes: [],
    stopSignal: 'SIGTERM',
    ...more,
  };
}

function target(hostPort: number | undefined, more: Partial<ProbeTarget> = {}): ProbeTarget {
  const exec = (): Promise<ExecAnswer> => Promise.reject(new Error('no command expected'));
  return { container: container(hostPort), exec, nowMs: 1000, attempt: 0, ...more };
}

function http(more: Partial<Extract<Probe, { kind: 'http' }>> = {}): Probe {
  return {
    kind: 'http',
    level: 3,
    timeoutMs: 300,
    description: '',
    port: 8080,
    path: '/health',
    statuses: [],
    ...more,
  };
}

async function ask(probe: Probe, to: ProbeTarget): Promise<ProbeResult> {
  return ProbeResult.parse(await askProbe(probe, to));
}

describe('HTTP', () => {
  const web = (listener: RequestListener): Promise<number> => listen(createHttpServer(listener));

  test('the status decides, the text when it is asked for', async () => {
    const port = await web((request, response) => {
      response.statusCode = request.url === '/health' ? 200 : 503;
      response.end('{"up":true}');
    });
    expect(await ask(http(), target(port))).toMatchObject({ ok: true, level: 3, evidence: '/health says 200' });
    expect(await ask(http({ path: '/x' }), target(port))).toMatchObject({
      ok: false,
      evidence: '/x says 503: {"up":true}',
    });
    expect(await ask(http({ path: '/x', statuses: [503] }), target(port))).toMatchObject({ ok: true });
    expect(await ask(http({ statuses: [204] }), target(port))).toMatchObject({
      ok: false,
      evidence: '/health says 200: {"up":true}',
    });
    expect(await ask(http({ contains: '"up":true' }), target(port))).toMatchObject({
      ok: true,
      evidence: '/health says ""up":true"',
    });
    expect(await ask(http({ contains: 'down' }), target(port))).toMatchObject({
      ok: false,
      evidence: '/health says 200 without "down"',
    });
  });

  test('a bad answer says why as far as it is no page, and keeps nobody waiting', async () => {
    const port = await web((request, response) => {
      response.writeHead(503);
      if (request.url === '/page') return void response.end('<html>an error of 40 lines</html>');
      response.flushHeaders();
      if (request.url === '/endless') response.write(`the database is gone\n${'x'.repeat(300)}`);
    });
    expect((await ask(http({ path: '/page' }), target(port))).evidence).toBe('/page says 503');
    const endless = await ask(http({ path: '/endless' }), target(port));
    expect(endless.evidence).toMatch(/^\/endless says 503: the database is gone x+…$/);
    expect((await ask(http({ path: '/mute' }), target(port))).evidence).toBe('/mute says 503');
  });

  test('redirects are an answer and not followed', async () => {
    const port = await web((_, response) => void response.writeHead(302, { location: 'http://192.0.2.1/' }).end());
    expect(await ask(http(), target(port))).toMatchObject({ ok: true, evidence: '/health says 302' });
  });

  test('silence, refusal and hanging up are told apart', async () => {
    const silent = await listen(createServer());
    expect((await ask(http({ timeoutMs: 300 }), target(silent))).evidence).toBe('/health: no answer in 300 ms');
    const hangsUp = await listen(createServer((socket) => socket.end()));
    expect((await ask(http(), target(hangsUp))).evidence).toBe('port 8080: closed at once, nothing listens inside');
    expect((await ask(http(), target(1))).evidence).toBe('port 8080: connection refused');
  });

  test('a port that is not published is asked from inside', async () => {
    const asked: (readonly string[])[] = [];
    const exec = (output: string, exitCode: number) => (argv: readonly string[]) => {
      asked.push(argv);
      return Promise.resolve({ kind: 'exited', exitCode, output } as const);
    };
    const ok = await ask(http(), target(undefined, { exec: exec('HTTP/1.1 200 OK\r\n\r\nhi', 0) }));
    expect(ok).toMatchObject({ ok: true, evidence: '/health says 200' });
    expect(asked[0]).toContain('http://127.0.0.1:8080/health');
    const sick = await ask(http(), target(undefined, { exec: exec('  HTTP/1.0 500 Oops', 1) }));
    expect(sick).toMatchObject({ ok: false, evidence: '/health says 500' });
    const why = 'HTTP/1.1 503 Oops\r\nDate: now\r\n\r\nnot HTTP/1.1 200\n';
    const says = await ask(http(), target(undefined, { exec: exec(why, 0) }));
    expect(says).toMatchObject({ ok: false, evidence: '/health says 503: not HTTP/1.1 200' });
    const none = await ask(http(), target(undefined, { exec: exec('no curl, wget or bash in the container\n', 127) }));
    expect(none).toMatchObject({ ok: false, evidence: 'exit 127: no curl, wget or bash in the container' });
  });

  test('from inside where nothing but bash is there', async () => {
    const port = await web((request, response) => {
      response.statusCode = request.url === '/a/b?c=1' ? 200 : 503;
      response.end('the database is gone');
    });
    const tools = mkdtempSync(join(tmpdir(), 'dive-clients-'));
    for (const tool of ['bash', 'cat', 'timeout']) {
      const found = execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      symlinkSync(found, join(tools, tool));
    }
    const exec = ([command = '', ...args]: readonly string[]): Promise<ExecAnswer> =>
      new Promise((resolve) => {
        execFile(command, args, { env: { PATH: tools } }, (error, stdout, stderr) =>
          resolve({ kind: 'exited', exitCode: Number(error?.code ?? 0), output: stderr + stdout }),
        );
      });
    try {
      const good = await ask(http({ port, path: '/a/b?c=1', contains: 'gone' }), target(undefined, { exec }));
      expect(good).toMatchObject({ ok: true, evidence: '/a/b?c=1 says "gone"' });
      const { evidence } = await ask(http({ port, path: '/' }), target(undefined, { exec }));
      expect(evidence).toBe('/ says 503: the database is gone');
    } finally {
      rmSync(tools, { recursive: true });
    }
  });

  test('giving up is not an answer', async () => {
    const silent = await listen(createServer());
    const signal = AbortSignal.timeout(20);
    await expect(askProbe(http({ timeoutMs: 5000 }), target(silent, { signal }))).rejects.toThrow('timeout');
  });

  test('a hundred at once take no longer than the slowest', async () => {
    const port = await web((_, response) => void setTimeout(() => response.end('ok'), 1000));
    const begun = Date.now();
    const all = await Promise.all(Array.from({ length: 100 }, () => ask(http({ timeoutMs: 10_000 }), target(port))));
    expect(all.every((result) => result.ok)).toBe(true);
    expect(Date.now() - begun).toBeLessThan(2000);
  });
});

describe('TCP', () => {
  const tcp: Probe = { kind: 'tcp', level: 2, timeoutMs: 500, description: '', port: 8080 };

  test('listening, refusing and hanging up like Docker’s proxy are told apart', async () => {
    const quiet = await listen(createServer());
    expect(await ask(tcp, target(quiet))).toMatchObject({ ok: true, level: 2, evidence: 'port 8080 accepts' });
    const banner = await listen(createServer((socket) => socket.end('220 hello\r\n')));
    expect(await ask(tcp, target(banner))).toMatchObject({ ok: true });
    const proxy = await listen(createServer((socket) => socket.end()));
    expect(await ask(tcp, target(proxy))).toMatchObject({ ok: false, evidence: 'port 8080 closes at once' });
    expect(await ask(tcp, target(1))).toMatchObject({ ok: false, evidence: 'port 8080 refuses' });
    expect(await ask(tcp, target(undefined))).toMatchObject({
      ok: false,
      evidence: expect.stringContaining('not published'),
    });
  });
});

describe('the own check', () => {
  const own: Probe = { kind: 'exec', level: 2, timeoutMs: 3000, description: '', argv: ['check'], ownCheck: true };

  test.each([
    [{ kind: 'exited', exitCode: 0, output: '' }, true, 'its check passes'],
    [{ kind: 'exited', exitCode: 0, output: 'accepting connections\n' }, true, 'accepting connections'],
    [{ kind: 'exited', exitCode: 1, output: 'trying\nconnection refused\n' }, false, 'exit 1: connection refused'],
    [
      { kind: 'exited', exitCode: 2, output: 'psql: error: refused\nIs it running?\n' },
      false,
      'exit 2: psql: error: refused',
    ],
    [{ kind: 'timed-out', output: '' }, false, 'no answer in 3 s'],
    [{ kind: 'paused' }, false, 'the container is paused'],
    [{ kind: 'not-running' }, false, 'the container does not run'],
    [{ kind: 'gone' }, false, 'the container is gone'],
  ] as const)('%j is %s', async (answer, ok, text) => {
    const result = await ask(own, target(undefined, { exec: () => Promise.resolve(answer) }));
    expect(result).toMatchObject({ level: 2, ok, evidence: text });
  });

  test('the cheaper question goes first; the command confirms, and is asked by itself now and then', async () => {
    let commands = 0;
    const exec = (): Promise<ExecAnswer> => {
      commands += 1;
      return Promise.resolve({ kind: 'exited', exitCode: 0, output: '' });
    };
    const probe: Probe = { ...own, cheaper: { port: 8080, path: '/', statuses: [] } };
    const refused = await ask(probe, target(1, { exec }));
    expect([refused.ok, commands]).toEqual([false, 0]);
    const port = await listen(createHttpServer((_, response) => void response.end()));
    expect([(await ask(probe, target(port, { exec }))).ok, commands]).toEqual([true, 1]);
    expect([(await ask(probe, target(1, { exec, attempt: 4 }))).ok, commands]).toEqual([true, 2]);
  });
});

describe('without a check', () => {
  const settle: Probe = { kind: 'running', level: 1, timeoutMs: 300, description: '', ports: [], settleMs: 2000 };

  test('it has to run for the settle time since its last start', async () => {
    expect(await ask(settle, target(undefined, { nowMs: 2500 }))).toMatchObject({
      ok: false,
      evidence: 'runs for 1.5 s',
    });
    expect(await ask(settle, target(undefined, { nowMs: 3000 }))).toMatchObject({
      ok: true,
      evidence: 'running, no check',
    });
    const restarted = { ...target(undefined, { nowMs: 3000 }), container: container(undefined, { startedAtMs: 2900 }) };
    expect((await ask(settle, restarted)).ok).toBe(false);
  });

  test('a port that answers is enough at once; a silent one says so and proves less', async () => {
    const ports: Probe = { ...settle, level: 2, ports: [8080], settleMs: 10_000 };
    const port = await listen(createServer());
    expect(await ask(ports, target(port))).toMatchObject({
      ok: true,
      level: 2,
      evidence: 'port 8080 accepts, no check',
    });
    expect(await ask(ports, target(1, { nowMs: 4000 }))).toMatchObject({ ok: false, level: 1 });
    expect(await ask(ports, target(1, { nowMs: 11_000 }))).toMatchObject({
      ok: true,
      level: 1,
      evidence: 'running, no check, port 8080 refuses',
    });
  });

  test.each(['created', 'exited', 'restarting', 'paused', 'dead'])('%s is no answer to any probe', async (state) => {
    const to = { ...target(undefined), container: container(undefined, { state }) };
    for (const probe of [settle, http()]) {
      expect(await ask(probe, to)).toMatchObject({ ok: false, level: 1, evidence: `the container is ${state}` });
    }
  });
});

describe('PostgreSQL', () => {
  const postgres = functionalProbe('postgres', {});

  test.each([
    [0, '42\n', true, 4, /^wrote and read a row in \d+/],
    [0, 'standby\n', true, 3, /standby/],
    [0, '41\n', false, 4, /read "41"/],
    [
      2,
      'psql: error: FATAL:  password authentication failed for user "x"\n',
      false,
      4,
      /^exit 2: .*password authentication/,
    ],
    [127, 'sh: psql: not found\n', false, 4, /psql: not found/],
  ])('exit %i with %j', async (exitCode, output, ok, level, text) => {
    const exec = (): Promise<ExecAnswer> => Promise.resolve({ kind: 'exited', exitCode, output });
    const result = await ask(postgres, target(undefined, { exec }));
    expect(result).toMatchObject({ ok, level, evidence: expect.stringMatching(text) });
  });
});

test('evidence is one line of at most 120 characters', () => {
  expect(evidence('a\n\tb\u001b c')).toBe('a b c');
  expect(evidence('x'.repeat(500))).toHaveLength(120);
});
