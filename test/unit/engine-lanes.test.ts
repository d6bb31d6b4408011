import { inLane } from '../../activities/engine-lanes.ts';

interface Door {
  readonly opened: Promise<void>;
  open(): void;
}

function door(): Door {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Lets everything run that needs nothing from outside. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a start with time to spare leaves the engine to a much more urgent one', async () => {
  const order: string[] = [];
  const database = door();
  const urgent = inLane(23_500, async (mayStart) => {
    await mayStart();
    order.push('database started');
    await database.opened;
    order.push('database up');
  });
  const other = inLane(2_000, async (mayStart) => {
    await mayStart();
    order.push('policies started');
  });
  await settle();
  expect(order).toEqual(['database started']);
  database.open();
  await Promise.all([urgent, other]);
  expect(order).toEqual(['database started', 'database up', 'policies started']);
});

test('one that fails keeps nobody', async () => {
  const urgent = inLane(23_500, () => Promise.reject(new Error('no such image')));
  const other = inLane(2_000, async (mayStart) => {
    await mayStart();
    return 'started';
  });
  await expect(urgent).rejects.toThrow('no such image');
  await expect(other).resolves.toBe('started');
});

// Needs two lanes, which is two cores.
test.each([
  ['one of nearly the same urgency', 15_000, 8_000],
  ['a less urgent one', 2_000, 23_500],
])('nobody waits for %s', async (_what, underWayMs, rankMs) => {
  const end = door();
  const first = inLane(underWayMs, () => end.opened);
  const started = await inLane(rankMs, async (mayStart) => {
    await mayStart();
    return 'started';
  });
  expect(started).toBe('started');
  end.open();
  await first;
});

test('in a crowd nobody waits: an urgent chain would keep all others for its whole length', async () => {
  const end = door();
  const first = inLane(60_000, () => end.opened, true);
  await expect(inLane(1_000, (mayStart) => mayStart(), true)).resolves.toBeUndefined();
  end.open();
  await first;
});
