// What is seen while something is taken down, or back: who is stopped, who was killed, and that nobody is called sick.
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { openStore } from '../../adapters/store/connect.ts';
import { withFence } from '../../adapters/store/fence.ts';
import { connect, queryProgress } from '../../client/index.ts';
import { instanceWorkflowId } from '../../domain/names.ts';
import { TestProject, asRecord, docker, resultOf, temporal, testServer, until } from '../support/command.ts';
import { READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

/** A shell as first process ignores SIGTERM. */
const ignores = (graceS: number): string[] => ['stop_signal: SIGTERM', `stop_grace_period: ${graceS}s`];
/** YAML allows a key once. */
const stubborn = (name: string, graceS: number, after: Record<string, string> = {}, run?: string): string =>
  service(name, { after, ...(run === undefined ? {} : { run }), more: ignores(graceS) }).replace(
    '    stop_signal: SIGKILL\n',
    '',
  );
// "still" is said from five seconds on; a heartbeat (0.9 s) and a look (2 s) may lie between, so who ends must take 8 s.
const STUBBORN = 'touch /tmp/ready; while true; do sleep 1; done';
const started = (of: string): Record<string, string> => ({ [of]: 'service_started' });

const Status = z.object({
  instances: z.tuple([
    z.object({ state: z.string(), services: z.array(z.looseObject({ service: z.string(), underWay: z.unknown() })) }),
  ]),
});

async function status(project: TestProject) {
  const { code, stdout } = await project.dive('status', '--json');
  const [{ state, services: all }] = Status.parse(asRecord(stdout)).instances;
  return { code, state, of: (name: string) => all.find((s) => s.service === name) };
}

test('dive down says of each service when it stops, that it was killed, and when it is gone; status calls nobody sick', async () => {
  await using project = await TestProject.make(
    'way-down',
    services(
      stubborn('db', 9, {}, STUBBORN),
      service('app', { run: READY, after: started('db') }),
      service('web', { run: READY, after: started('app') }),
    ),
  );
  expect((await project.dive('up')).code).toBe(0);
  const down = project.begin('down');
  await until('app is said to be gone', () => (/ app +removed/.test(down.output()) ? true : undefined));
  // The others are gone, and db runs on: in the meantime, not at the end.
  expect(down.output()).not.toMatch(/ db +removed/);
  const meanwhile = await status(project);
  expect(meanwhile.state).toBe('CLEANUP');
  expect(meanwhile.of('web')).toMatchObject({ underWay: 'removed', healthy: false, victimOf: null });
  expect(meanwhile.of('db')).toMatchObject({ underWay: null, healthy: true });
  const second = await project.dive('up');
  expect({ code: second.code, holder: / it .*$/m.exec(second.stderr)?.[0] }).toEqual({
    code: 4,
    holder: ' it takes everything down',
  });

  const { code, stderr } = await down.ended;
  expect(code).toBe(0);
  const said = stderr.split('\n').map((line) => line.slice(9).replace(/ +/g, ' '));
  const gone = said.filter((line) => / removed/.test(line)).map((line) => line.replace(/\d+\.\d s/, 'N s'));
  expect(gone.map((line) => line.replace(/\d+ ms/, 'N s'))).toEqual([
    'web removed after N s',
    'app removed after N s',
    'db removed after N s: it did not end within 9 s and was killed',
    `${project.instance} removed network ${project.name}_default`,
  ]);
  expect(said).toContainEqual(expect.stringMatching(/^db still stopping after [5-7]\.\d s: killed after 9 s$/));
});

test('in JSON who is gone has the time at which it was', async () => {
  await using project = await TestProject.make(
    'way-down-json',
    services(stubborn('db', 2, {}, STUBBORN), service('app', { after: started('db') })),
  );
  expect((await project.dive('up')).code).toBe(0);
  const ran = await project.dive('down', '--json');
  const lines = ran.stdout.split('\n').flatMap((line) => (line === '' ? [] : [asRecord(line)]));
  const at = (name: string): number => Number(lines.find((l) => l['service'] === name)?.['atMs']);
  expect(at('db') - at('app')).toBeGreaterThan(1_500);
  expect(Object.keys(resultOf(ran))).not.toContain('lastEvents');
});

test('who is replaced says that its old container is being stopped; what is taken back, whom it waits for', async () => {
  const before = services(stubborn('app', 5, {}, STUBBORN), service('web', { after: started('app') }));
  await using project = await TestProject.make('way-back', before);
  expect((await project.dive('up')).code).toBe(0);
  const was = await project.ids();
  await project.write(
    services(
      stubborn('app', 9, {}, STUBBORN),
      service('web', { run: 'echo no; exit 3', after: started('app'), more: ['environment: { LEVEL: new }'] }),
    ),
  );
  const up = project.begin('up');
  await until('app is stopped for its successor', () =>
    /app +still starting after [5-7]\.\d s: stops the old container, killed after 9 s/.test(up.output())
      ? true
      : undefined,
  );
  const { code, stderr } = await up.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/ app +still stopping after [5-7]\.\d s: killed after 9 s/);
  expect(await project.ids()).toEqual(was);
  // The next plan knows how long app takes to end.
  const plan = asRecord((await project.dive('plan', '--json')).stdout);
  expect(Number(plan['criticalPathMs'])).toBeGreaterThan(5_000);
});

test('while it is brought up status says who is not started yet and who is starting, and calls nobody sick', async () => {
  await using project = await TestProject.make(
    'way-up',
    services(
      service('db', { run: 'exec sleep 3600', check: 'test -f /tmp/ready' }),
      service('app', { after: { db: 'service_healthy' } }),
      service('web', { after: started('app') }),
    ),
  );
  const up = project.begin('up');
  await project.running('db');
  const meanwhile = await until('app is created', async () => {
    const now = await status(project);
    return now.of('app')?.['evidence'] === 'not started yet' ? now : undefined;
  });
  expect(meanwhile.code).toBe(1);
  expect(meanwhile.of('db')).toMatchObject({ underWay: 'starting', victimOf: null });
  expect(meanwhile.of('web')).toMatchObject({ underWay: 'waiting', victimOf: null, evidence: 'not started yet' });
  expect((await project.dive('cancel')).code).toBe(0);
  expect((await up.ended).code).toBe(5);
});

test('of a cancelled crowd nobody is begun any more, and nobody is stopped before all are through that were begun', async () => {
  const many = Array.from({ length: 40 }, (_, n) => service(`s${n}`));
  await using project = await TestProject.make('way-crowd', services(...many));
  const begunS = Date.now() / 1000;
  const up = project.begin('up');
  await until('four run', async () => {
    const running = (await project.containers()).filter((c) => c.state === 'running');
    return running.length >= 4 ? true : undefined;
  });
  const cancelled = await project.dive('cancel');
  const heardMs = Date.now();
  expect(cancelled.code).toBe(0);
  expect((await up.ended).code).toBe(5);
  const events = await happened(project, begunS);
  const starts = events.filter((e) => e.action === 'start').map((e) => e.atMs);
  const kills = events.filter((e) => e.action === 'kill').map((e) => e.atMs);
  expect(Math.max(...starts)).toBeLessThan(Math.min(...kills));
  // As many as have their turn with the engine at once, and those whose turn came before the worker heard of it.
  expect(starts.filter((atMs) => atMs > heardMs).length).toBeLessThanOrEqual(4 * availableParallelism() + 3);
  expect(await project.containers()).toEqual([]);
});

/** What the workflow says of itself, ended or not. */
async function lastProgress(project: TestProject) {
  const { temporalAddress: address, temporalNamespace: namespace } = testServer();
  const dive = await connect({ address, namespace });
  try {
    return await queryProgress(dive.client, project.instance, 0, 10_000);
  } finally {
    await dive.close();
  }
}

/** Starts and kills of the project's containers since then. */
async function happened(project: TestProject, sinceS: number): Promise<{ action: string; atMs: number }[]> {
  const filters = ['type=container', 'event=start', 'event=kill', `label=com.docker.compose.project=${project.name}`];
  const window = ['--since', String(sinceS), '--until', String(Date.now() / 1000)];
  const format = ['--format', '{{.TimeNano}} {{.Action}}'];
  const lines = await docker('events', ...window, ...filters.flatMap((f) => ['--filter', f]), ...format);
  return lines.map((line) => {
    const [nano = '', action = ''] = line.split(' ');
    return { action, atMs: Number(nano) / 1e6 };
  });
}

test('what is brought back starts when what it needs works again, and works itself when it is called as before', async () => {
  // Ready two seconds after its start; app ends at once where db is not ready.
  const serves = 'sleep 2; exec httpd -f -p 5000 -h /www';
  const needs = 'nc -w 1 db 5000 < /dev/null || exit 4; exec sleep 3600';
  const with_ = (level: string, app: string): string =>
    services(
      service('db', { run: serves, check: 'nc -w 1 127.0.0.1 5000 < /dev/null', more: [`environment: { LEVEL: ${level} }`] }),
      service('app', { run: app, after: { db: 'service_healthy' } }),
    );
  await using project = await TestProject.make('way-works', with_('one', needs));
  expect((await project.dive('up')).code).toBe(0);
  const was = await project.ids();
  await project.write(with_('two', 'exit 3'));
  const up = await project.dive('up');
  expect(up.code).toBe(1);
  expect(up.stderr).toContain('as before: compared with what ran before, equal');
  expect(await project.ids()).toEqual(was);
  const now = await status(project);
  expect({ code: now.code, app: now.of('app')?.['evidence'] }).toEqual({ code: 0, app: 'running, no check' });
}); // prettier-ignore

test('what is brought back and does not work again is named; what was sick before is as before', async () => {
  const both = (run: string, check: string, app: string): [string, string] => [
    services(
      service('db', { run, check, more: ['volumes: ["data:/data"]', 'x-dive: { timeout: 4s }'] }),
      service('app', { run: app, after: { db: 'service_started' } }),
    ),
    'volumes: { data: {} }',
  ];
  // What it needs to be ready is there for its first start only: the other one takes it away.
  const first = 'test -f /data/was || touch /data/was /data/ready; exec sleep 3600';
  const rest = 'exec sleep 3600';
  await using project = await TestProject.make('way-sick', ...both(first, 'test -f /data/ready', rest));
  expect((await project.dive('up')).code).toBe(0);
  await project.write(...both(`rm -f /data/ready; ${rest}`, 'test -f /data/was', 'exit 3'));
  const up = await project.dive('up');
  expect(up.code).toBe(1);
  expect(up.stderr).toMatch(/^ +db was started again and is not healthy: .*not healthy within 4 s/m);
  // What the tree shows at the end.
  const { services: seen } = await lastProgress(project);
  expect(seen.find((s) => s.service === 'db')).toMatchObject({
    phase: 'degraded',
    evidence: expect.stringContaining('started again and is not healthy'),
  });

  await until('Docker finds it unhealthy', async () => {
    const [health] = await docker('inspect', '-f', '{{.State.Health.Status}}', project.container('db'));
    return health === 'unhealthy' ? true : undefined;
  });
  const again = await project.dive('up');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('as before: compared with what ran before, equal');
  expect(again.stderr).not.toContain('db was started again');
});

test('who stayed is asked, too, when what it needs is back: who has not found it again is named', async () => {
  // Each start of db is another db. Who needs it is well while it knows the one that runs.
  const serves = 'cat /proc/sys/kernel/random/uuid > /data/db; exec httpd -f -p 5000 -h /www';
  const learns = 'cat /data/db > /tmp/db';
  const needs = (name: string, run: string): string =>
    service(name, {
      run: `until test -s /data/db; do sleep 0.1; done; ${run}`,
      check: 'cmp -s /data/db /tmp/db',
      after: { db: 'service_started' },
      more: ['volumes: ["data:/data"]', 'x-dive: { timeout: 8s }'],
    });
  const all = (db: string): [string, string] => [
    services(
      service('db', { run: db, check: 'nc -w 1 127.0.0.1 5000 < /dev/null', more: ['volumes: ["data:/data"]'] }),
      needs('once', `${learns}; exec sleep 3600`),
      needs('again', `while :; do ${learns}; sleep 0.3; done`),
    ),
    'volumes: { data: {} }',
  ];
  await using project = await TestProject.make('way-stayed', ...all(serves));
  expect((await project.dive('up')).code).toBe(0);
  const was = await project.ids();
  await project.write(...all('exit 3'));
  const up = await project.dive('up');
  expect({ code: up.code, ids: await project.ids() }).toEqual({ code: 1, ids: was });
  expect(up.stderr).toMatch(/^ +once stayed and is not healthy now: .*not healthy within 8 s/m);
  expect(up.stderr).not.toMatch(/again stayed/);
  const { services: seen } = await lastProgress(project);
  expect(seen.find((s) => s.service === 'once')).toMatchObject({ phase: 'degraded' });
});

test('a taking back that waits long for the engine is made once', async () => {
  await using project = await TestProject.make('way-slow', service('db', { check: 'test -f /tmp/never' }));
  const up = project.begin('up');
  await project.running('db');
  const { databaseUrl, keyFile } = testServer();
  const store = await openStore({ databaseUrl, keyFile, max: 1 });
  try {
    // As a start does that the engine needs long for: longer than the heartbeat timeout.
    const busy = withFence(store, project.instance, 1, () => pause(6_000));
    expect((await project.dive('cancel')).code).toBe(0);
    await busy;
  } finally {
    await store.close();
  }
  expect((await up.ended).code).toBe(5);
  const { stdout } = await temporal('workflow', 'show', '-w', instanceWorkflowId(project.instance), '-o', 'json');
  const attempts = History.parse(JSON.parse(stdout)).events.map((e) => e.activityTaskStartedEventAttributes?.attempt);
  expect(new Set(attempts.filter((a) => a !== undefined))).toEqual(new Set([1]));
});

const History = z.object({
  events: z.array(
    z.looseObject({ activityTaskStartedEventAttributes: z.looseObject({ attempt: z.number() }).optional() }),
  ),
});
