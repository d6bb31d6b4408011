// The store on a real PostgreSQL: the state machine, the fence, operations and releases.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Store, openStore, query } from '../../adapters/store/connect.ts';
import { withFence } from '../../adapters/store/fence.ts';
import { findInstance, registerInstance } from '../../adapters/store/instances.ts';
import { migrate } from '../../adapters/store/migrate.ts';
import { closeOperation, findOperation, listOperations, openOperation } from '../../adapters/store/operations.ts';
import { closeParked, listParked, openParked } from '../../adapters/store/parked.ts';
import { currentRelease, recordRelease } from '../../adapters/store/releases.ts';
import { putSpec } from '../../adapters/store/specs.ts';
import { listSteps, recordStep, serviceHistory } from '../../adapters/store/steps.ts';
import { moveThrough, transition } from '../../adapters/store/transition.ts';
import { projectSpec } from '../support/project-spec.ts';
import { type InstanceState, STATES, isLegalTransition } from '../../domain/states.ts';

let store: Store;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dive-store-'));
  const keyFile = path.join(folder, 'key');
  await writeFile(keyFile, randomBytes(32).toString('hex'));
  store = await openStore({ databaseUrl: process.env.DIVE_TEST_DATABASE_URL ?? '', keyFile });
  await migrate(store);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** A registered instance of its own in the given state. */
async function instance(state: InstanceState = 'UNKNOWN'): Promise<string> {
  const code = `T-${randomUUID().slice(0, 8).toUpperCase()}`;
  await query(
    store,
    "INSERT INTO instances (code, role, project, folder, state) VALUES ($1, 'hub', $2, '/srv/app', $3)",
    [code, code.toLowerCase(), state],
  );
  return code;
}

const open = (code: string, runId: string = randomUUID()): Promise<number> =>
  openOperation(store, {
    instance: code,
    kind: 'deploy',
    workflowId: `instance/${code}`,
    runId,
    user: 'ada',
    host: 'ship',
    spec: null,
  });

const logged = (code: string): Promise<unknown[]> =>
  query(store, 'SELECT from_state, to_state FROM transitions WHERE instance = $1 ORDER BY seq', [code]);

const PAIRS = STATES.flatMap((from) => STATES.map((to) => ({ from, to })));

test('of all 81 pairs of states exactly the legal ones are written', async () => {
  const written: string[] = [];
  for (const { from, to } of PAIRS) {
    const code = await instance(from);
    const fence = await open(code);
    const answer = await transition(store, code, fence, to).then(
      () => 'done',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    const legal = isLegalTransition(from, to);
    expect({ from, to, answer }).toEqual({ from, to, answer: legal || from === to ? 'done' : 'DIVE-1505' });
    expect((await findInstance(store, code))?.state).toBe(legal ? to : from);
    expect(await logged(code)).toEqual(legal ? [{ from_state: from, to_state: to }] : []);
    if (legal) written.push(`${from} ${to}`);
  }
  expect(written).toHaveLength(18);
});

test('several states are passed in one go, from wherever the instance stands among them, and no illegal one', async () => {
  const code = await instance('DEPLOYING');
  const fence = await open(code);
  const through = (...states: InstanceState[]): Promise<void> => moveThrough(store, { instance: code, fence }, states);
  const passed = (from: InstanceState, to: InstanceState): unknown => ({ from_state: from, to_state: to });
  await through('INITIALIZING', 'DEPLOYING', 'CONFIGURING', 'VERIFYING');
  await through('CONFIGURING', 'VERIFYING');
  await through();
  const both = [passed('DEPLOYING', 'CONFIGURING'), passed('CONFIGURING', 'VERIFYING')];
  expect(await logged(code)).toEqual(both);
  await expect(through('INITIALIZING', 'DEPLOYING')).rejects.toMatchObject({ code: 'DIVE-1505' });
  await expect(moveThrough(store, { instance: code, fence: fence - 1 }, ['COMPLETE'])).rejects.toMatchObject({
    code: 'DIVE-1506',
  });
  expect(await logged(code)).toEqual(both);
});

test('the table of the database is the one of the domain', async () => {
  const rows = await query(store, 'SELECT from_state AS from, to_state AS to FROM legal_transitions');
  expect(rows).toHaveLength(18);
  expect(rows).toEqual(expect.arrayContaining(PAIRS.filter((p) => isLegalTransition(p.from, p.to))));
});

test('an operation that was overtaken moves no state and changes nothing outside', async () => {
  const code = await instance();
  const old = await open(code);
  await open(code);
  await expect(transition(store, code, old, 'INITIALIZING')).rejects.toMatchObject({ code: 'DIVE-1506' });
  const change = jest.fn();
  await expect(withFence(store, code, old, change)).rejects.toMatchObject({ code: 'DIVE-1506' });
  expect(change).not.toHaveBeenCalled();
  expect((await findInstance(store, code))?.state).toBe('UNKNOWN');
});

test('a newer operation waits for a change that is under way', async () => {
  const code = await instance();
  const old = await open(code);
  const order: string[] = [];
  let finish: () => void = () => undefined;
  let begun: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => (begun = resolve));
  const changing = withFence(store, code, old, async () => {
    begun();
    await new Promise<void>((resolve) => (finish = resolve));
    order.push('changed');
  });
  await inside;
  const bump = open(code).then((fence) => {
    order.push('bumped');
    return fence;
  });
  await waitingBackends(1);
  finish();
  await changing;
  expect(await bump).toBe(old + 1);
  expect(order).toEqual(['changed', 'bumped']);
});

test.each<[string, (code: string, fence: number) => Promise<unknown>]>([
  ['a newer operation', (code) => open(code)],
  ['a move of its state', (code, fence) => transition(store, code, fence, 'INITIALIZING')],
])('%s has its turn although changes go on, of which always one has begun before another ends', async (_, work) => {
  const code = await instance();
  const fence = await open(code);
  const stop = new AbortController();
  const change = () => withFence(store, code, fence, () => pause(60));
  /** Changes of one lane, one after the other; two lanes overlap. */
  const lane = async (afterMs: number): Promise<void> => {
    await pause(afterMs);
    for (let n = 0; n < 60 && !stop.signal.aborted; n += 1) await change();
  };
  const lanes = Promise.allSettled([lane(0), lane(20), lane(40)]);
  await pause(100);
  const begunMs = performance.now();
  await work(code, fence);
  const tookMs = performance.now() - begunMs;
  stop.abort();
  await lanes;
  expect(tookMs).toBeLessThan(500);
});

/** Until PostgreSQL itself says that so many wait for a lock. */
async function waitingBackends(wanted: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const rows = await query(
      store,
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%bumped AS%'",
    );
    if (rows.length >= wanted) return;
    if (Date.now() > deadline) throw new Error('nobody waits for the lock');
  }
}

test('a change that fails lets go of the fence', async () => {
  const code = await instance();
  const fence = await open(code);
  await expect(withFence(store, code, fence, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await open(code)).toBe(fence + 1);
});

test('the same run gets the same number; an operation left open is closed as lost', async () => {
  const code = await instance();
  const run = randomUUID();
  const first = await open(code, run);
  expect(await open(code, run)).toBe(first);
  expect((await findOperation(store, code, first))?.ended_at).toBeNull();
  const second = await open(code);
  expect(second).toBe(first + 1);
  expect((await listOperations(store, code, 9)).map((o) => [o.fence, o.outcome])).toEqual([
    [second, null],
    [first, 'lost'],
  ]);
  await closeOperation(store, code, second, { outcome: 'up', result: { release: 1 } });
  expect(await findOperation(store, code, second)).toMatchObject({ outcome: 'up', result: { release: 1 } });
});

test('an operation of an instance nobody registered is refused', async () => {
  await expect(open('T-NOBODY')).rejects.toMatchObject({ code: 'DIVE-1001' });
});

test('releases are numbered per instance without gaps, and an operation writes one', async () => {
  const [one, other] = [await instance(), await instance()];
  await query(store, "INSERT INTO specs VALUES ('d', 'k', '', '') ON CONFLICT DO NOTHING");
  const release = async (code: string, fence: number): Promise<number> =>
    recordRelease(store, code, { fence, spec_digest: 'd', containers: [], changed: ['web'] });
  const first = await open(one);
  expect([await release(one, first), await release(one, first)]).toEqual([1, 1]);
  expect(await release(other, await open(other))).toBe(1);
  const second = await open(one);
  expect(await release(one, second)).toBe(2);
  expect(await currentRelease(store, one)).toMatchObject({ number: 2, fence: second, changed: ['web'] });
});

test('a parked container is listed until its window is closed, and can be parked again', async () => {
  const code = await instance();
  const window = {
    fence: 1,
    container_id: 'c1',
    name: 'app-1',
    parked_name: 'app-1.parked-1',
    service: 'app',
    was_running: true,
  };
  await openParked(store, code, window);
  await openParked(store, code, { ...window, was_running: false });
  expect(await listParked(store, code)).toEqual([window]);
  await closeParked(store, code, 'c1');
  expect(await listParked(store, code)).toEqual([]);
  await openParked(store, code, { ...window, fence: 2, parked_name: 'app-1.parked-2' });
  expect(await listParked(store, code)).toMatchObject([{ fence: 2, parked_name: 'app-1.parked-2' }]);
});

test('the first record of a step stays, and its time is the history of its service', async () => {
  const code = await instance();
  const fence = await open(code);
  const step = { step: 'healthy:web', service: 'web', durationMs: 1200.4 };
  await recordStep(store, code, fence, step);
  await recordStep(store, code, fence, { ...step, durationMs: 9 });
  expect(await listSteps(store, code, fence)).toMatchObject([{ step: 'healthy:web', duration_ms: 1200 }]);
  await recordStep(store, code, fence, { step: 'stopped:web-1', service: 'web', durationMs: 10_100 });
  await recordStep(store, code, fence, { step: 'start:web-1', service: 'web' });
  await recordStep(store, code, fence, { step: 'image:host:5000/web:1', details: { how: 'pull' } });
  await recordStep(store, code, fence, { step: 'image:own:1', details: { how: 'build' } });
  const history = await serviceHistory(store, code);
  expect(history).toEqual({
    healthyMs: new Map([['web', [1200]]]),
    stoppedMs: new Map([['web', [10_100]]]),
    pulledAtMs: new Map([['host:5000/web:1', expect.any(Number)]]),
  });
  expect(Math.abs((history.pulledAtMs.get('host:5000/web:1') ?? 0) - Date.now())).toBeLessThan(5_000);
});

describe('a Compose project belongs to one instance', () => {
  const register = async (
    code: string,
    project: string,
    more: { site?: string; move?: boolean; folder?: string } = {},
  ): Promise<void> =>
    registerInstance(store, {
      code,
      role: 'hub',
      project,
      site: more.site ?? 'local',
      folder: more.folder ?? `/srv/${code}`,
      topologyFile: null,
      spec: await putSpec(store, projectSpec([])),
      move: more.move ?? false,
    });
  const name = (): string => `T-${randomUUID().slice(0, 8).toUpperCase()}`;

  test('as long as that is deployed, no other is registered with it, not even to move', async () => {
    const [held, other, project] = [name(), name(), name().toLowerCase()];
    await register(held, project);
    await transition(store, held, await open(held), 'INITIALIZING');
    for (const move of [false, true])
      await expect(register(other, project, { move })).rejects.toMatchObject({
        code: 'DIVE-1008',
        message: expect.stringContaining(`deployed as ${held} from /srv/${held}`),
      });
    // The engine of another site has a project of that name of its own.
    await register(other, project, { site: 'far' });
    await register(held, project);
  });

  test('when it was taken down, another may have it', async () => {
    const [held, other] = [await instance('CLEANUP'), name()];
    const fence = await open(held);
    await expect(register(other, held.toLowerCase())).rejects.toMatchObject({ code: 'DIVE-1008' });
    await transition(store, held, fence, 'UNKNOWN');
    await register(other, held.toLowerCase());
    await transition(store, other, await open(other), 'INITIALIZING');
  });

  test('a deployed one moves to another folder only when that is meant, and never to another project or site', async () => {
    const code = name();
    const folder = (to: string) => ({ folder: to });
    await register(code, code.toLowerCase());
    await transition(store, code, await open(code), 'INITIALIZING');
    await expect(register(code, code.toLowerCase(), folder('/new'))).rejects.toMatchObject({
      code: 'DIVE-1008',
      message: expect.stringMatching(/deployed from .*: --move takes it over/),
    });
    await register(code, code.toLowerCase(), { move: true, ...folder('/new') });
    await expect(register(code, 'another', { move: true, ...folder('/new') })).rejects.toMatchObject({
      message: expect.stringMatching(
        `deployed as the Compose project ${code.toLowerCase()}.*: dive down ${code} first`,
      ),
    });
    await expect(
      register(code, code.toLowerCase(), { move: true, site: 'far', ...folder('/new') }),
    ).rejects.toMatchObject({ message: expect.stringMatching(`deployed on site local: dive down ${code} first`) });
    expect(await findInstance(store, code)).toMatchObject({
      project: code.toLowerCase(),
      site: 'local',
      folder: '/new',
    });
  });

  test('of two that were registered before either was deployed, the second is refused by the database', async () => {
    const [first, second, project] = [name(), name(), name().toLowerCase()];
    await register(first, project);
    await register(second, project);
    await transition(store, first, await open(first), 'INITIALIZING');
    await expect(transition(store, second, await open(second), 'INITIALIZING')).rejects.toMatchObject({
      code: 'DIVE-1008',
    });
    expect((await findInstance(store, second))?.state).toBe('UNKNOWN');
  });
});
