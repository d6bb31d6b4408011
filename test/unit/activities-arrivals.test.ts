import { Arrivals } from '../../activities/arrivals.ts';

const never = new AbortController().signal;
/** Long enough that a test that waits for it fails. */
const LONG_MS = 60_000;

test('who comes too early waits for those before it, whatever the order of arrival', async () => {
  const arrivals = new Arrivals(LONG_MS);
  const order: number[] = [];
  const come = (place: number): Promise<void> =>
    arrivals.inTurn('FRA/1', { momentMs: 5, place }, 2, never).then(() => void order.push(place));
  const all = [come(3), come(2), come(1)];
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([1]);
  await Promise.all([...all, come(0)]);
  expect(order.slice(0, 1)).toEqual([1]);
  expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
});

test('there is a hand for the first ones: they wait for nobody', async () => {
  const arrivals = new Arrivals(LONG_MS);
  await expect(arrivals.inTurn('FRA/1', { momentMs: 5, place: 1 }, 2, never)).resolves.toBeUndefined();
});

test('another moment and another operation are none of its business', async () => {
  const arrivals = new Arrivals(20);
  for (const place of [0, 1]) await arrivals.inTurn('FRA/1', { momentMs: 5, place }, 2, never);
  for (const [operation, momentMs] of [
    ['FRA/1', 6],
    ['FRA/2', 5],
  ] as const) {
    const begun = performance.now();
    await arrivals.inTurn(operation, { momentMs, place: 2 }, 2, never);
    expect(performance.now() - begun).toBeGreaterThan(15);
  }
});

test('whoever another worker got is not waited for long; a cancelled one not at all', async () => {
  const late = new Arrivals(20).inTurn('FRA/1', { momentMs: 5, place: 4 }, 2, never);
  await expect(late).resolves.toBeUndefined();
  const waiting = new Arrivals(LONG_MS).inTurn('FRA/1', { momentMs: 5, place: 4 }, 2, AbortSignal.abort('cancelled'));
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
