// How a crowd is handed over in groups, on a real Temporal server with a site that only keeps a record.
import { cancel, pause, queryProgress, resume } from '../../client/index.ts';
import { until } from '../support/command.ts';
import { useFakes } from '../support/fake-deployment.ts';
import { type FakeService, failure } from '../support/fake-site.ts';

jest.setTimeout(60_000);

const fakes = useFakes();
const { deploy } = fakes;

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

test('a pause divides the groups under way: who was started is waited for, the others start when it goes on', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let whilePaused: readonly string[][] = [];
  const { ending, record } = await deploy(
    'T-CROWD-PAUSED',
    crowd(60, () => undefined),
    {
      groupStart: () => held,
      begunWhenCancelled: 5,
      during: async (lines) => {
        await until('two groups are under way', () => started(lines).length === 2 || undefined, 15_000);
        await pause(fakes.client, 'T-CROWD-PAUSED', 'ada');
        await until('who was started is healthy', async () => {
          const { services } = await queryProgress(fakes.client, 'T-CROWD-PAUSED', 0, 5_000);
          return services.filter((s) => s.phase === 'healthy').length === 10 || undefined;
        });
        release();
        whilePaused = started(lines);
        await resume(fakes.client, 'T-CROWD-PAUSED', 'ada');
      },
    },
  );
  expect(ending.kind).toBe('done');
  expect(whilePaused.map((group) => group.length)).toEqual([16, 16]);
  // What of the first two had not been begun is asked for again, and nobody else.
  const again = whilePaused.flatMap((group) => group.slice(5));
  const after = started(record).slice(2).flat();
  expect(after).toHaveLength(60 - 10);
  expect(after).toEqual(expect.arrayContaining(again));
  expect(record.filter((r) => r.startsWith('healthy ')).flatMap((r) => r.split(' ').slice(1))).toHaveLength(60);
  // Said once of each.
  const said = ending.kind === 'done' ? ending.result.lastEvents : [];
  expect(said.filter((e) => e.kind === 'starting' && again.includes(e.service ?? ''))).toEqual([]);
});

test('a crowd that is cancelled is taken back at once, whether its groups have heard of it or not', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { ending, record } = await deploy(
    'T-CROWD-CANCELLED',
    crowd(40, () => undefined),
    {
      groupStart: () => held,
      groupIsDeaf: true,
      during: async (lines) => {
        await until('two groups are under way', () => started(lines).length === 2 || undefined, 15_000);
        await cancel(fakes.client, 'T-CROWD-CANCELLED');
        await until('it is taken back', () => lines.includes('revert') || undefined, 10_000).finally(release);
      },
    },
  );
  expect(ending.kind).toBe('cancelled');
  expect(started(record)).toHaveLength(2);
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
