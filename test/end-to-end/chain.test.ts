// A long chain of services that only have to be started: several share an activity, which then takes its time. Each
// is proven, and said to be healthy, from its own start on.
import type { WorkflowHandle } from '@temporalio/client';
import { connect, queryProgress } from '../../client/index.ts';
import { instanceWorkflowId } from '../../domain/names.ts';
import { docker, resultOf, runProgram, TestProject, testServer, until } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(120_000);

// More than 20 make a crowd, whose rows are handed over as one.
const LENGTH = 21;
// All of them last longer than the heartbeat timeout, none of them alone as long as the first heartbeat.
const START = 'post_start: [{ command: [sleep, "0.3"] }]';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

const name = (n: number): string => `s${String(n).padStart(2, '0')}`;

/** `run` is what one of them does instead of staying, `starts` another hook after its start. */
function chain(run: Readonly<Record<string, string>> = {}, starts: Readonly<Record<string, string>> = {}): string {
  const all = Array.from({ length: LENGTH }, (_, n) => {
    const own = run[name(n)];
    const after = n === 0 ? {} : { after: { [name(n - 1)]: 'service_started' } };
    return service(name(n), { more: [starts[name(n)] ?? START], ...after, ...(own === undefined ? {} : { run: own }) });
  });
  return services(...all);
}

/** How long each row of starts lasted, and its heartbeat timeout. */
function rows(events: readonly HistoryEvent[]): { lastedS: number; timeoutS: number }[] {
  const atS = (e: HistoryEvent | undefined): number =>
    Number(e?.eventTime?.seconds) + Number(e?.eventTime?.nanos) / 1e9;
  return events.flatMap((scheduled) => {
    const row = scheduled.activityTaskScheduledEventAttributes;
    if (row?.activityType?.name !== 'ensureAllStarted') return [];
    const isOf = (e: HistoryEvent, of: 'Started' | 'Completed'): boolean =>
      String(e[`activityTask${of}EventAttributes`]?.scheduledEventId) === String(scheduled.eventId);
    const started = events.find((e) => isOf(e, 'Started'));
    const completed = events.find((e) => isOf(e, 'Completed'));
    return [{ lastedS: atS(completed) - atS(started), timeoutS: Number(row.heartbeatTimeout?.seconds) }];
  });
}

/** Ids of the project's containers, one for each start. */
async function startsSince(project: TestProject, seconds: number): Promise<string[]> {
  const filters = ['event=start', `label=com.docker.compose.project=${project.name}`].flatMap((f) => ['--filter', f]);
  const window = ['--since', String(seconds), '--until', String(Math.ceil(Date.now() / 1000))];
  const events = await runProgram('docker', ['events', '--format', '{{.ID}}', ...window, ...filters], project.path);
  return events.stdout.trim().split('\n');
}

test('each step is done once: a row of quick ones is not taken for dead', async () => {
  await using project = await TestProject.make('chain', chain());
  const up = await project.dive('up');
  expect({ code: up.code, said: up.code === 0 ? '' : up.stderr }).toEqual({ code: 0, said: '' });
  const healthy = [...up.stderr.matchAll(/^(\S+) (s\d\d) +healthy after (\S+) s/gm)].map(([, at, who, s]) => ({
    atMs: Date.parse(`2000-01-01T${at}Z`),
    who,
    s: Number(s),
  }));
  expect(healthy.map((h) => h.who)).toEqual(Array.from({ length: LENGTH }, (_, n) => name(n)));
  // Of none it took as long as the row.
  expect(healthy.filter((h) => h.s > 4)).toEqual([]);
  expect((healthy.at(-1)?.atMs ?? 0) - (healthy[0]?.atMs ?? 0)).toBeGreaterThan(3_000);

  const dive = await connect({ address: testServer().temporalAddress });
  try {
    const handle = dive.client.workflow.getHandle(instanceWorkflowId(project.instance));
    const { events } = await handle.fetchHistory();
    const longest = rows(events ?? []).map((row) => row.lastedS / row.timeoutS);
    // Otherwise a heartbeat that never came would not be missed.
    expect(Math.max(...longest)).toBeGreaterThan(1);
    // The workflow hears of a row at once, and tells when each was healthy all the same.
    const { events: said } = await queryProgress(dive.client, project.instance, 0, 10_000);
    const times = said.filter((e) => e.kind === 'healthy').map((e) => e.atMs);
    expect(new Set(times).size).toBe(LENGTH);
    const starts = (events ?? []).flatMap((e) => e.activityTaskStartedEventAttributes ?? []);
    const again = starts.filter((s) => (s.attempt ?? 1) > 1);
    expect(again.map((s) => s.lastFailure?.message)).toEqual([]);
  } finally {
    await dive.close();
  }
});

test.each([
  ['ends in its start', 'sleep 0.7; echo no licence; exit 3', /exits as soon as it starts: exit 3/],
  ['ends after it was healthy', 'sleep 2.5; echo no licence; exit 3', /exited \(3\) after it had been healthy/],
])('one that %s is heard while the others of its row start', async (_when, run, says) => {
  await using project = await TestProject.make('chain', chain({ [name(1)]: run }));
  const begunS = Math.floor(Date.now() / 1000);
  const up = await project.dive('up', '--json');
  const result = resultOf(up);
  expect({ ran: up.code, ...result }).toMatchObject({ ran: 1, service: name(1), outcome: 'rolled-back' });
  expect(result['what']).toMatch(says);
  expect(JSON.stringify(result['why'])).toContain('no licence');
  const started = await startsSince(project, begunS);
  expect(started.length).toBeGreaterThan(1);
  expect(started.length).toBeLessThan(LENGTH - 5);
  expect(await project.containers()).toEqual([]);
});

test('a pause is heard while a row starts: the next one starts after it, and each is started and hooked once', async () => {
  // Longer than the pause takes to be heard.
  const slow = 'post_start: [{ command: [sh, -c, "echo x >> /hooked; sleep 5"] }]';
  await using project = await TestProject.make('chain', chain({}, { [name(3)]: slow }));
  const begunS = Math.floor(Date.now() / 1000);
  const running = async (): Promise<number> => (await project.containers()).filter((c) => c.state === 'running').length;
  const up = project.begin('up', '--json');
  const hooked = await project.running(name(3));
  expect((await project.dive('pause')).code).toBe(0);
  const dive = await connect({ address: testServer().temporalAddress });
  try {
    await until('the row has ended', async () => {
      const { raw } = await dive.client.workflow.getHandle(instanceWorkflowId(project.instance)).describe();
      return !raw.pendingActivities?.some((a) => a.activityType?.name === 'ensureAllStarted') || undefined;
    });
    const whilePaused = await running();
    expect(whilePaused).toBeLessThan(LENGTH - 5);
    await until('who was started is healthy', async () => {
      const { services: all } = await queryProgress(dive.client, project.instance, 0, 5_000);
      return all.filter((s) => s.phase === 'healthy').length === whilePaused || undefined;
    });
    expect(await running()).toBe(whilePaused);
  } finally {
    await dive.close();
  }
  expect((await project.dive('resume')).code).toBe(0);
  expect((await up.ended).code).toBe(0);
  const started = await startsSince(project, begunS);
  expect({ starts: started.length, containers: new Set(started).size }).toEqual({ starts: LENGTH, containers: LENGTH });
  expect(await docker('exec', hooked, 'cat', '/hooked')).toEqual(['x']);
});

test('a cancellation is heard while a row starts: what is taken back does not meet new starts', async () => {
  await using project = await TestProject.make('chain', chain());
  const begunS = Math.floor(Date.now() / 1000);
  const up = project.begin('up', '--json');
  await until(
    'three run',
    async () => (await project.containers()).filter((c) => c.state === 'running').length >= 3 || undefined,
  );
  expect((await project.dive('cancel')).code).toBe(0);
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 5, outcome: 'cancelled' });
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
  expect((await startsSince(project, begunS)).length).toBeLessThan(LENGTH - 5);
});
