// What a deployment decides, on a real Temporal server with a site that only keeps a record.
import { cancel, pause, queryProgress, resume } from '../../client/index.ts';
import { until } from '../support/command.ts';
import { useFakes } from '../support/fake-deployment.ts';
import { failure } from '../support/fake-site.ts';

jest.setTimeout(60_000);

const fakes = useFakes();
const { deploy } = fakes;

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

test('how long it should take nobody knows while images come; then it is added to what they took', async () => {
  let release: () => void = () => undefined;
  const images = new Promise<void>((resolve) => (release = resolve));
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 300));
  const expected: (number | undefined)[] = [];
  const ask = async (): Promise<void> =>
    void expected.push((await queryProgress(fakes.client, 'T-IMAGES', 0, 5_000)).expectedMs);
  const { ending } = await deploy(
    'T-IMAGES',
    { db: {} },
    {
      images: () => images,
      health: () => slow,
      during: async (lines) => {
        await seen(lines, 'INITIALIZING');
        await ask();
        const from = Date.now();
        await until('some time is over', () => Date.now() - from > 1000 || undefined);
        release();
        await seen(lines, 'start db');
        await ask();
      },
    },
  );
  expect(ending.kind).toBe('done');
  expect(expected[0]).toBe(0);
  expect(expected[1]).toBeGreaterThan(6_000);
  expect(expected[1]).toBeLessThan(20_000);
});

test('the details that the Temporal UI shows have a row for every service, as it is now', async () => {
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const details = async (): Promise<string> => {
    const handle = fakes.client.workflow.getHandle('instance/T-DETAILS');
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
        await pause(fakes.client, 'T-PAUSED', 'ada');
        release();
        await until('db is known to be healthy', async () => {
          const { services } = await queryProgress(fakes.client, 'T-PAUSED', 0, 5_000);
          return services.some((s) => s.service === 'db' && s.phase === 'healthy') || undefined;
        });
        whilePaused = [...lines];
        await resume(fakes.client, 'T-PAUSED', 'ada');
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

test('what was healthy and is taken back says so, and what failed says why still', async () => {
  const phases: Record<string, string> = {};
  await deploy(
    'T-BACK',
    { web: { after: { db: 'service_healthy' } }, db: {} },
    {
      health: (service) =>
        service === 'web'
          ? Promise.reject(failure({ code: 'DIVE-1204', what: 'no answer', service }))
          : Promise.resolve(),
      during: async () => {
        const { services } = await until('it is taken back', async () => {
          const now = await queryProgress(fakes.client, 'T-BACK', 0, 5_000);
          return now.state === 'UNKNOWN' && now.failure !== undefined ? now : undefined;
        });
        for (const s of services) phases[s.service] = `${s.phase} ${s.evidence ?? ''}`.trim();
      },
    },
  );
  expect(phases).toEqual({ db: 'removed', web: 'failed no answer' });
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
          const progress = await queryProgress(fakes.client, `T-DIES-${its.toUpperCase()}`, 0, 5_000).catch(
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
        await cancel(fakes.client, 'T-CANCELLED');
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
