// What a deployment decides, on a real Temporal server with a site that only keeps a record.
import { DefaultLogger, NativeConnection, Runtime, type WorkflowBundle, bundleWorkflowCode } from '@temporalio/worker';
import { type DiveConnection, cancel, connect, pause, queryProgress, resume } from '../../client/index.ts';
import { until } from '../support/command.ts';
import { type Deployment, deployWithFakes } from '../support/fake-deployment.ts';
import { type FakeService, failure } from '../support/fake-site.ts';

jest.setTimeout(60_000);

const logger = new DefaultLogger('ERROR', () => undefined);
let bundle: WorkflowBundle;
let dive: DiveConnection;
let native: NativeConnection;

beforeAll(async () => {
  Runtime.install({ logger });
  const address = process.env.DIVE_TEST_TEMPORAL_ADDRESS ?? '';
  bundle = await bundleWorkflowCode({ workflowsPath: require.resolve('../../workflows/index.ts'), logger });
  dive = await connect({ address });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  await dive.close();
  await native.close();
});

const deploy = (code: string, services: Readonly<Record<string, FakeService>>, given?: Deployment) =>
  deployWithFakes({ dive, native, bundle }, code, services, given);

const seen = (record: readonly string[], line: string) => until(line, () => record.includes(line) || undefined, 15_000);

test('a service starts when the conditions of its dependencies hold, and not before', async () => {
  const { ending, record } = await deploy('T-ORDER', {
    web: { after: { app: 'service_healthy' } },
    app: { after: { db: 'service_healthy' } },
    db: {},
  });
  expect(ending.kind).toBe('done');
  expect(record.filter((r) => /^(start|healthy)/.test(r))).toEqual([
    'start db',
    'healthy db',
    'start app',
    'healthy app',
    'start web',
    'healthy web',
  ]);
  expect(record.filter((r) => /^[A-Z]+$/.test(r))).toEqual(['INITIALIZING', 'DEPLOYING', 'CONFIGURING', 'VERIFYING']);
});

test('a dependency that only has to be started is not waited for', async () => {
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const { ending, record } = await deploy(
    'T-STARTED',
    { web: { after: { db: 'service_started' } }, db: {} },
    {
      health: (service) => (service === 'db' ? slow : Promise.resolve()),
      during: async (lines) => {
        await seen(lines, 'healthy web');
        release();
      },
    },
  );
  expect(ending.kind).toBe('done');
  expect(record.indexOf('healthy web')).toBeLessThan(record.indexOf('healthy db'));
});

test('the details that the Temporal UI shows have a row for every service, as it is now', async () => {
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const details = async (): Promise<string> => {
    const handle = dive.client.workflow.getHandle('instance/T-DETAILS');
    return (await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata')).currentDetails ?? '';
  };
  const { ending } = await deploy(
    'T-DETAILS',
    { web: { after: { db: 'service_healthy' } }, db: {} },
    {
      health: (service) => (service === 'web' ? slow : Promise.resolve()),
      during: async (lines) => {
        await seen(lines, 'start web');
        const now = await details();
        release();
        expect(now).toContain('**T-DETAILS** DEPLOYING');
        expect(now).toMatch(/^\| db \| healthy \| .+\|$/m);
        expect(now).toMatch(/^\| web \| (waiting|starting|probing) \|/m);
      },
    },
  );
  expect(ending.kind).toBe('done');
});

const crowd = (count: number, after: (n: number) => FakeService['after']): Record<string, FakeService> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${100 + n}`, { after: after(n) ?? {} }]));
const started = (record: readonly string[]): string[][] =>
  record.filter((r) => r.startsWith('start ')).map((r) => r.split(' ').slice(1));

test('a crowd starts in groups, each service once', async () => {
  const { ending, record } = await deploy(
    'T-CROWD',
    crowd(30, () => undefined),
  );
  expect(ending.kind).toBe('done');
  expect(started(record).flat().toSorted()).toEqual(Array.from({ length: 30 }, (_, n) => `s${100 + n}`));
  expect(started(record).length).toBeLessThan(8);
});

test('the groups of a larger crowd are larger: it is handed over in six', async () => {
  const { ending, record } = await deploy(
    'T-CROWD-LARGE',
    crowd(120, () => undefined),
  );
  expect(ending.kind).toBe('done');
  expect(started(record).map((group) => group.length)).toEqual([20, 20, 20, 20, 20, 20]);
  expect(new Set(started(record).flat()).size).toBe(120);
});

test('a pause holds back the groups of a crowd that are not under way', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let whilePaused = 0;
  const { ending, record } = await deploy(
    'T-CROWD-PAUSED',
    crowd(60, () => undefined),
    {
      groupStart: () => held,
      during: async (lines) => {
        await until('two groups are under way', () => started(lines).length === 2 || undefined, 15_000);
        await pause(dive.client, 'T-CROWD-PAUSED', 'ada');
        release();
        await until('what was under way is healthy', async () => {
          const { services } = await queryProgress(dive.client, 'T-CROWD-PAUSED', 0, 5_000);
          return services.filter((s) => s.phase === 'healthy').length === 32 || undefined;
        });
        whilePaused = started(lines).length;
        await resume(dive.client, 'T-CROWD-PAUSED', 'ada');
      },
    },
  );
  expect(ending.kind).toBe('done');
  expect(whilePaused).toBe(2);
  expect(started(record).flat()).toHaveLength(60);
});

test('a long chain of mere starts is handed over in pieces, in its order', async () => {
  const { ending, record } = await deploy(
    'T-CHAIN',
    crowd(40, (n) => (n === 0 ? undefined : { [`s${99 + n}`]: 'service_started' })),
  );
  expect(ending.kind).toBe('done');
  expect(started(record).flat()).toEqual(Array.from({ length: 40 }, (_, n) => `s${100 + n}`));
  expect(started(record).map((group) => group.length)).toEqual([32, 8]);
  // Who looks once in a while misses the verdicts of two pieces at most, and asking an operation that ended is dear.
  const told = ending.kind === 'done' ? ending.result.lastEvents : [];
  expect(told.filter((e) => e.kind === 'healthy')).toHaveLength(40);
  // Waited for in the same pieces: each hand-over takes the processor from the engine.
  expect(record.filter((r) => r.startsWith('healthy ')).map((r) => r.split(' ').length - 1)).toEqual([32, 8]);
});

test('a death in a group ends the deployment although the group is not through, where the worker had proven it', async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  let die: (service: string) => void = () => undefined;
  const deaths = [new Promise<string>((resolve) => (die = resolve))];
  const { ending } = await deploy(
    'T-CROWD-DEATH',
    crowd(30, () => undefined),
    {
      groupStart: never,
      diesProven: true,
      deaths: () => deaths.shift() ?? never(),
      during: async (record) => {
        await until('a group is under way', () => started(record).length > 0 || undefined, 15_000);
        die('s105');
      },
    },
  );
  expect(ending).toMatchObject({ kind: 'failed', failure: { code: 'DIVE-1202', service: 's105' } });
});

test('in a crowd too nobody starts before what it needs is healthy, and a failure has its own name', async () => {
  const needsFirst = crowd(25, (n) => (n === 0 ? undefined : { s100: 'service_healthy' }));
  const { ending, record } = await deploy('T-NEEDS', needsFirst, {
    health: (service) =>
      service === 's110'
        ? Promise.reject(failure({ code: 'DIVE-1204', what: 'never healthy', service: 's110' }))
        : Promise.resolve(),
  });
  expect(started(record)[0]).toEqual(['s100']);
  expect(record.indexOf('healthy s100')).toBeLessThan(record.findIndex((r) => /^start .*s101/.test(r)));
  expect(ending).toMatchObject({ kind: 'failed', failure: { code: 'DIVE-1204', service: 's110' } });
});

test('a pause starts nothing new, and resume goes on', async () => {
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  let whilePaused: readonly string[] = [];
  const { ending, record } = await deploy(
    'T-PAUSED',
    { web: { after: { db: 'service_healthy' } }, db: {} },
    {
      health: (service) => (service === 'db' ? slow : Promise.resolve()),
      during: async (lines) => {
        await seen(lines, 'start db');
        await pause(dive.client, 'T-PAUSED', 'ada');
        release();
        await until('db is known to be healthy', async () => {
          const { services } = await queryProgress(dive.client, 'T-PAUSED', 0, 5_000);
          return services.some((s) => s.service === 'db' && s.phase === 'healthy') || undefined;
        });
        whilePaused = [...lines];
        await resume(dive.client, 'T-PAUSED', 'ada');
      },
    },
  );
  expect(ending.kind).toBe('done');
  expect(whilePaused).not.toContain('start web');
  expect(record).toContain('start web');
});

test('a core service that fails takes everything back, and what waits for it never starts', async () => {
  const { ending, record } = await deploy(
    'T-FAILS',
    { web: { after: { db: 'service_healthy' } }, db: {} },
    { health: () => Promise.reject(failure({ code: 'DIVE-1204', what: 'no answer', service: 'db' })) },
  );
  expect(ending).toMatchObject({
    kind: 'failed',
    failure: { code: 'DIVE-1204', service: 'db', outcome: 'rolled-back', exitCode: 1 },
  });
  expect(record).not.toContain('start web');
  expect(record.slice(-6)).toEqual(['FAILED', 'ROLLING_BACK', 'revert', 'CLEANUP', 'UNKNOWN', 'closed rolled-back']);
});

test('what fails before the instance was moved on is taken back through the states that it was to pass', async () => {
  const what = 'it could not be prepared';
  const { ending, record } = await deploy(
    'T-NOT-MOVED',
    { db: {} },
    { beforePrepared: () => Promise.reject(failure({ code: 'DIVE-1501', what })) },
  );
  expect(ending).toMatchObject({ kind: 'failed', failure: { what, outcome: 'rolled-back', exitCode: 1 } });
  const back = ['FAILED', 'ROLLING_BACK', 'revert', 'CLEANUP', 'UNKNOWN', 'closed rolled-back'];
  expect(record).toEqual(['INITIALIZING', 'DEPLOYING', ...back]);
});

test('an optional service that fails degrades, and takes with it only what needs it', async () => {
  const { ending, record } = await deploy(
    'T-OPTIONAL',
    { db: {}, mail: { class: 'optional' }, news: { class: 'optional', after: { mail: 'service_healthy' } } },
    {
      health: (service) =>
        service === 'mail'
          ? Promise.reject(failure({ code: 'DIVE-1204', what: 'no answer', service }))
          : Promise.resolve(),
    },
  );
  expect(ending).toMatchObject({
    kind: 'done',
    result: {
      degraded: expect.arrayContaining([
        expect.stringMatching(/^mail: no answer/),
        expect.stringMatching(/^news: mail/),
      ]),
    },
  });
  expect(record).not.toContain('start news');
  expect(record).not.toContain('revert');
});

test.each(['optional', 'core'] as const)('a healthy %s service that dies before the end', async (its) => {
  const died: string[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const { ending, record } = await deploy(
    `T-DIES-${its.toUpperCase()}`,
    { mail: { class: its }, db: {} },
    {
      health: async (service) => {
        if (service === 'db') await ended;
      },
      deaths: async () => until('mail dies', () => died.pop()),
      during: async (lines) => {
        await seen(lines, 'healthy mail');
        await until('the death is known', async () => {
          died.push('mail');
          const progress = await queryProgress(dive.client, `T-DIES-${its.toUpperCase()}`, 0, 5_000).catch(
            () => undefined,
          );
          return progress?.services.some((s) => s.service === 'mail' && /degraded|failed/.test(s.phase)) || undefined;
        });
        end();
      },
    },
  );
  const failed = { kind: 'failed', failure: { code: 'DIVE-1202', service: 'mail' } };
  const degraded = ['mail: exited (3) after it had been healthy'];
  const done = { kind: 'done', result: { degraded, services: [{ service: 'db' }] } };
  expect(ending).toMatchObject(its === 'core' ? failed : done);
  expect(record.includes('revert')).toBe(its === 'core');
});

test('a cancelled deployment takes back what it did', async () => {
  const { ending, record } = await deploy(
    'T-CANCELLED',
    { db: {} },
    {
      health: () => new Promise<never>(() => undefined),
      during: async (lines) => {
        await seen(lines, 'start db');
        await cancel(dive.client, 'T-CANCELLED');
      },
    },
  );
  expect(ending.kind).toBe('cancelled');
  expect(record.slice(-5)).toEqual(['ROLLING_BACK', 'revert', 'CLEANUP', 'UNKNOWN', 'closed cancelled']);
});

test('of several that are sick in verification the root is named, not the first of its victims', async () => {
  const { ending } = await deploy(
    'T-ROOT',
    { web: { after: { app: 'service_started' } }, app: { after: { db: 'service_started' } }, db: {}, other: {} },
    { sick: ['web', 'app', 'db'] },
  );
  expect(ending).toMatchObject({ kind: 'failed', failure: { service: 'db', what: 'of db' } });
});
