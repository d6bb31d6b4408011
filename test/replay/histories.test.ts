// Histories of operations that really ran: workflow code that would decide otherwise now must not be shipped.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker, type WorkflowBundle, bundleWorkflowCode } from '@temporalio/worker';

jest.setTimeout(60_000);

const FOLDER = path.join(__dirname, 'histories');
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
let bundle: WorkflowBundle;

interface History {
  events: { eventId: string; activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
}

function history(name: string): History {
  const read: History = JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'));
  return read;
}

/** Every text of a history, payloads decoded. */
function texts(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return [key === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([k, v]) => texts(v, k));
}

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR', () => undefined);
  Runtime.install({ logger });
  // Nothing is left out of the bundle: a Node module or zod in workflow code fails here.
  bundle = await bundleWorkflowCode({ workflowsPath: require.resolve('../../workflows/index.ts'), logger });
});

const replay = (recorded: History): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: bundle }, recorded, 'instance/T-SHOP');

// `local-`: the store's steps on the way forward as local activities; the others are from before. `along-`: states move
// with the activity that comes next. `groups-`: a crowd, by the groups of the time;
// `groups-paused`: a pause divided one.
test('there is a history of each ending', () => {
  expect(NAMES.sort()).toEqual([
    'along-cancelled.json',
    'along-deployed.json',
    'along-taken-back.json',
    'cancelled.json',
    'deployed.json',
    'groups-by-crowd.json',
    'groups-of-16.json',
    'groups-paused.json',
    'local-cancelled.json',
    'local-deployed.json',
    'local-taken-back.json',
    'taken-back.json',
    'torn-down.json',
    'unchanged.json',
  ]);
});

test.each(NAMES)('%s replays as it went', async (name) => {
  await expect(replay(history(name))).resolves.toBeUndefined();
});

test('a history that went otherwise is refused', async () => {
  const changed = history('deployed.json');
  const scheduled = changed.events.find(
    (e) => e.activityTaskScheduledEventAttributes?.activityType.name === 'planDeployment',
  );
  if (!scheduled?.activityTaskScheduledEventAttributes) throw new Error('the history has no planDeployment');
  scheduled.activityTaskScheduledEventAttributes.activityType.name = 'prepareProject';
  await expect(replay(changed)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
});

test.each(NAMES)('%s names no folder of a machine', (name) => {
  const found = texts(history(name)).filter((t) => /\/(home|root|tmp|work|var)\//.test(t));
  expect(found).toEqual([]);
});
