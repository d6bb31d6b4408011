// A long chain of services that only have to be started: several share an activity, which then takes its time.
import { connect } from '../../client/index.ts';
import { instanceWorkflowId } from '../../domain/names.ts';
import { TestProject, testServer } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(120_000);

// More than 20 make a crowd, whose rows are handed over as one.
const LENGTH = 21;
// All of them last longer than the heartbeat timeout, none of them alone as long as the first heartbeat.
const START = 'post_start: [{ command: [sleep, "0.3"] }]';

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
    const starts = (events ?? []).flatMap((e) => e.activityTaskStartedEventAttributes ?? []);
    expect(starts.length).toBeGreaterThan(1);
    const again = starts.filter((s) => (s.attempt ?? 1) > 1);
    expect(again.map((s) => s.lastFailure?.message)).toEqual([]);
  } finally {
    await dive.close();
  }
});
