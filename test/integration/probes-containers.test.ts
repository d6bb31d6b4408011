import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { connectEngine, type Engine } from '../../adapters/docker/connect.ts';
import { execInContainer } from '../../adapters/docker/exec.ts';
import { inspectContainer } from '../../adapters/docker/inspect.ts';
import { askProbe } from '../../adapters/probes/ask.ts';
import { chooseProbes } from '../../adapters/probes/choose.ts';
import { functionalProbe } from '../../adapters/probes/functional-kinds.ts';
import type { Probe } from '../../adapters/probes/probe.ts';
import { nextTryMs } from '../../adapters/probes/schedule.ts';
import { judge, watch, type Judgement, type Observation, type Watch } from '../../domain/verdict.ts';
import type { ContainerState } from '../../schema/observed.ts';
import type { ProbeResult } from '../../schema/probe.ts';
import type { ServiceSpec } from '../../schema/spec.ts';
import { closeListening, listen } from '../support/listening.ts';
import { freePort } from '../support/listening.ts';
import { SLEEPS, testImageId, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

afterEach(closeListening);

let engine: Engine;
let imageId: string;
beforeAll(async () => {
  engine = await connectEngine();
  imageId = await testImageId(engine);
});

async function askOnce(id: string, probe: Probe, on = engine): Promise<ProbeResult> {
  const container = await inspectContainer(on, id);
  if (container === undefined) throw new Error('the container is gone');
  return askProbe(probe, {
    container,
    exec: (argv, options) => execInContainer(on, id, argv, options),
    nowMs: Date.now(),
    attempt: 0,
  });
}

/** Looks and asks until there is a verdict, as a deployment does. */
async function wait(id: string, probes: readonly Probe[], timeoutMs: number): Promise<Judgement> {
  const rules = { timeoutMs };
  let memory: Watch | undefined;
  for (;;) {
    const container = await inspectContainer(engine, id);
    const answers = container?.state === 'running' ? await Promise.all(probes.map((probe) => askOnce(id, probe))) : [];
    memory = watch(memory, observation(container, answers), rules);
    const judgement = judge(memory, rules);
    if (judgement.verdict !== 'starting') return judgement;
    const delay = nextTryMs(probes[0] ?? { kind: 'tcp' }, Date.now() - memory.sinceMs);
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}

function observation(container: ContainerState | undefined, probes: ProbeResult[]): Observation {
  const atMs = Date.now();
  if (container === undefined) return { atMs, state: 'gone', restartCount: 0, probes };
  const { state, exitCode, restartCount, oomKilled } = container;
  return { atMs, state, exitCode, restartCount, oomKilled, probes };
}

function published(port: number): Record<string, unknown> {
  const bindings = { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] };
  return { ExposedPorts: { '8080/tcp': {} }, HostConfig: { NetworkMode: 'bridge', PortBindings: bindings } };
}

function check(...test: string[]): Pick<ServiceSpec, 'healthCheck'> {
  return { healthCheck: { test, intervalMs: 30_000, timeoutMs: 3000, startPeriodMs: 0, retries: 3 } };
}

test('a service that gets ready late is healthy as soon as its own check says so', async () => {
  await using project = new TinyProject(imageId);
  const late = project.service('late', `sleep 1; touch /tmp/ready; ${SLEEPS}`, check('CMD-SHELL', 'ls /tmp/ready'));
  const id = await project.raise(engine, late);
  expect(await askOnce(id, chooseProbes(late)[0] ?? fail())).toMatchObject({
    ok: false,
    evidence: expect.stringMatching(/^exit 1: .*\/tmp\/ready/),
  });
  expect(await wait(id, chooseProbes(late), 20_000)).toEqual({ verdict: 'healthy', evidence: '/tmp/ready' });
});

test('Docker’s proxy accepting for a service that does not listen yet fools no probe', async () => {
  await using project = new TinyProject(imageId);
  const port = await freePort();
  const web = project.service(
    'web',
    'while [ ! -f /tmp/go ]; do sleep 0.1; done; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www',
    { options: { probes: [{ http: { port: 8080, path: '/', contains: 'hello' } }] } },
    published(port),
  );
  const id = await project.raise(engine, web);
  const http = chooseProbes(web)[0] ?? fail();
  const tcp: Probe = { kind: 'tcp', level: 2, timeoutMs: 1000, description: '', port: 8080 };
  expect((await askOnce(id, http)).ok).toBe(false);
  expect((await askOnce(id, tcp)).ok).toBe(false);
  execFileSync('docker', ['exec', id, 'touch', '/tmp/go']);
  expect(await wait(id, [http], 20_000)).toEqual({ verdict: 'healthy', evidence: '/ says "hello"' });
  expect(await askOnce(id, tcp)).toMatchObject({ ok: true });
  const absent: Probe = {
    kind: 'http',
    level: 3,
    timeoutMs: 1000,
    description: '',
    port: 8080,
    path: '/no',
    statuses: [],
  };
  expect(await askOnce(id, absent)).toMatchObject({ ok: false, evidence: '/no says 404' });
});

test('a port that is not published is asked by a client inside', async () => {
  await using project = new TinyProject(imageId);
  const web = project.service('web', 'echo inner > /www/index.html; exec httpd -f -p 8080 -h /www', {
    options: { probes: [{ http: { port: 8080, path: '/', contains: 'inner' } }] },
  });
  const id = await project.raise(engine, web);
  expect(await wait(id, chooseProbes(web), 20_000)).toMatchObject({ verdict: 'healthy', evidence: '/ says "inner"' });
});

test('an engine on another machine: what answers on the same port of this one is not asked', async () => {
  await using project = new TinyProject(imageId);
  const port = await freePort();
  const probes = [{ http: { port: 8080, path: '/', contains: 'inner' } }, { tcp: { port: 8080 } }];
  const run = 'echo inner > /www/index.html; exec httpd -f -p 8080 -h /www';
  const web = project.service('web', run, { options: { probes } }, published(port));
  const id = await project.raise(engine, web);
  expect(await wait(id, chooseProbes(web), 20_000)).toMatchObject({ verdict: 'healthy' });
  const socket = engine.host.replace('unix://', '');
  const far = createServer((client) => {
    const way = connect(socket);
    for (const end of [client, way]) end.on('error', () => undefined);
    client
      .pipe(way)
      .pipe(client)
      .on('close', () => way.destroy());
  });
  const remote = await connectEngine({ host: `tcp://127.0.0.1:${await listen(far)}` });
  const [tcp, http] = await Promise.all(chooseProbes(web).map((probe) => askOnce(id, probe, remote)));
  expect(tcp).toMatchObject({ ok: true, evidence: 'port 8080: something listens inside' });
  expect(http).toMatchObject({ ok: true, evidence: '/ says "inner"' });
  // Each by a command inside: three calls.
  expect(remote.counts.exec).toBe(2 * 3);
});

test('a container that exits at once, one that loops and one that never gets healthy are three verdicts', async () => {
  await using project = new TinyProject(imageId);
  const exits = project.service('exits', 'exit 3');
  expect(await wait(await project.raise(engine, exits), chooseProbes(exits), 20_000)).toEqual({
    verdict: 'exited',
    code: 'DIVE-1202',
    evidence: 'exit 3',
  });
  const loops = project.service('loops', 'exit 4', {}, { HostConfig: { RestartPolicy: { Name: 'always' } } });
  expect(await wait(await project.raise(engine, loops), chooseProbes(loops), 20_000)).toMatchObject({
    verdict: 'crash-loop',
    code: 'DIVE-1202',
    evidence: expect.stringMatching(/^restarted \d+ times, exit 4$/),
  });
  const never = project.service('never', SLEEPS, check('CMD', 'false'));
  expect(await wait(await project.raise(engine, never), chooseProbes(never), 1500)).toEqual({
    verdict: 'never-healthy',
    code: 'DIVE-1204',
    evidence: 'not healthy within 2 s: exit 1',
  });
});

test('a paused and a removed container are seen as such', async () => {
  await using project = new TinyProject(imageId);
  const web = project.service('web', SLEEPS, check('CMD', 'false'));
  const id = await project.raise(engine, web);
  execFileSync('docker', ['pause', id]);
  expect(await wait(id, chooseProbes(web), 20_000)).toMatchObject({ verdict: 'paused', code: 'DIVE-1206' });
  execFileSync('docker', ['rm', '-f', id]);
  expect(await wait(id, chooseProbes(web), 20_000)).toMatchObject({ verdict: 'gone', code: 'DIVE-1207' });
});

test('without any check it is healthy when it has settled', async () => {
  await using project = new TinyProject(imageId);
  const plain = project.service('plain', SLEEPS);
  const id = await project.raise(engine, plain);
  const started = (await inspectContainer(engine, id))?.startedAtMs ?? 0;
  expect(await wait(id, chooseProbes(plain), 20_000)).toEqual({ verdict: 'healthy', evidence: 'running, no check' });
  expect(Date.now() - started).toBeGreaterThanOrEqual(2000);
});

test('PostgreSQL is asked with the container’s own credentials, over TCP', async () => {
  await using project = new TinyProject(imageId);
  // A stand-in for psql that answers only a caller who comes with the right words.
  const psql = [
    '#!/bin/sh',
    'sql=$(cat)',
    '[ "$PGPASSWORD" = "s3 cret" ] || { echo "FATAL: password authentication failed" >&2; exit 2; }',
    // By the container's own name: on loopback the image lets everybody in.
    'case "$*" in *"-h $(hostname) -U app -d shop"*) ;; *) echo "wrong: $*" >&2; exit 3 ;; esac',
    'case "$sql" in *"create temporary table"*rollback*) echo 42 ;; *) exit 4 ;; esac',
  ].join('\n');
  const uploads = [{ path: '/bin/psql', content: psql, mode: 0o755 }];
  const credentials = (password: string): Record<string, unknown> => ({
    Env: [`POSTGRES_PASSWORD=${password}`, 'POSTGRES_USER=app', 'POSTGRES_DB=shop', 'PATH=/bin'],
  });
  const probe = functionalProbe('postgres', {});
  const db = await project.raise(engine, project.service('db', SLEEPS, { uploads }, credentials('s3 cret')));
  expect(await askOnce(db, probe)).toMatchObject({
    ok: true,
    level: 4,
    evidence: expect.stringMatching(/^wrote and read a row in \d/),
  });
  // A server that listens on loopback alone is asked there.
  const loopback = psql.replace('$(hostname)', '127.0.0.1').replace('echo "wrong: $*"', 'echo "connection refused"');
  const alone = [{ path: '/bin/psql', content: loopback, mode: 0o755 }];
  const own = await project.raise(engine, project.service('own', SLEEPS, { uploads: alone }, credentials('s3 cret')));
  expect(await askOnce(own, probe)).toMatchObject({ ok: true, level: 4 });
  const sick = await project.raise(engine, project.service('sick', SLEEPS, { uploads }, credentials('other')));
  expect(await askOnce(sick, probe)).toMatchObject({
    ok: false,
    evidence: 'exit 2: FATAL: password authentication failed',
  });
});

function fail(): never {
  throw new Error('no probe was chosen');
}
