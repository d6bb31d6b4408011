// A long chain of services that only have to be started: several share an activity, which then takes its time.
import type { WorkflowHandle } from '@temporalio/client';
import { connect } from '../../client/index.ts';
import { instanceWorkflowId } from '../../domain/names.ts';
import { TestProject, testServer } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(120_000);

// More than 20 make a crowd, whose rows are handed over as one.
const LENGTH = 21;
// All of them last longer than the heartbeat timeout, none of them alone as long as the first heartbeat.
const START = 'post_start: [{ command: [sleep, "0.3"] }]';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

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

test('each step is done once: a row of quick ones is not taken for dead', async () => {
  const name = (n: number): string => `s${String(n).padStart(2, '0')}`;
  const chain = Array.from({ length: LENGTH }, (_, n) =>
    service(name(n), { more: [START], ...(n === 0 ? {} : { after: { [name(n - 1)]: 'service_started' } }) }),
  );
  await using project = await TestProject.make('chain', services(...chain));
  const up = await project.dive('up', '--json');
  expect({ code: up.code, said: up.code === 0 ? '' : up.stdout }).toEqual({ code: 0, said: '' });

  const dive = await connect({ address: testServer().temporalAddress });
  try {
    const handle = dive.client.workflow.getHandle(instanceWorkflowId(project.instance));
    const { events } = await handle.fetchHistory();
    const longest = rows(events ?? []).map((row) => row.lastedS / row.timeoutS);
    // Otherwise a heartbeat that never came would not be missed.
    expect(Math.max(...longest)).toBeGreaterThan(1);
    const starts = (events ?? []).flatMap((e) => e.activityTaskStartedEventAttributes ?? []);
    const again = starts.filter((s) => (s.attempt ?? 1) > 1);
    expect(again.map((s) => s.lastFailure?.message)).toEqual([]);
  } finally {
    await dive.close();
  }
});
