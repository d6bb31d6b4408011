// Heartbeats of an activity, in the environment that the SDK gives to tests.
import { setTimeout as pause } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { withHeartbeat } from '../../activities/heartbeat.ts';
import { until } from '../support/command.ts';

test('they come three times within the heartbeat timeout and say of each service what was said last, and since when', async () => {
  const environment = new MockActivityEnvironment();
  const heard: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heard.push(details));
  const begun = Date.now();
  await environment.run(() =>
    withHeartbeat(async (beat) => {
      beat.say({ service: 'db', phase: 'probing', answer: 'refused', tries: 1 });
      beat.say({ service: 'db', phase: 'probing', answer: 'starting up', tries: 2 });
      beat.say({ service: 'web', phase: 'starting' });
      await until('two heartbeats', () => (heard.length === 2 ? true : undefined));
    }),
  );
  const since = expect.closeTo(begun, -3);
  expect(heard).toEqual(
    Array(2).fill([
      { service: 'db', phase: 'probing', answer: 'starting up', tries: 2, sinceMs: since },
      { service: 'web', phase: 'starting', sinceMs: since },
    ]),
  );
  expect(Date.now() - begun).toBeLessThan(3_000);
});

test('where somebody looks on, what is said at one moment is sent at once and together, and nothing after the end', async () => {
  const environment = new MockActivityEnvironment();
  const heard: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heard.push(details));
  await environment.run(() =>
    withHeartbeat(
      async (beat) => {
        beat.say({ service: 'web', phase: 'stopping' });
        beat.say({ service: 'db', phase: 'waiting', waitsFor: ['web'] });
        await until('a heartbeat', () => (heard.length > 0 ? true : undefined), 800);
        beat.say({ service: 'web', phase: 'removed' });
      },
      { soon: true },
    ),
  );
  await new Promise(setImmediate);
  const web: unknown = expect.objectContaining({ service: 'web', phase: 'stopping' });
  expect(heard).toEqual([[web, expect.objectContaining({ service: 'db', waitsFor: ['web'] })]]);
});

test.each([600, 1_200])(
  'an activity whose timeout is %d ms beats three times within it',
  async (heartbeatTimeoutMs) => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs });
    const heardAtMs: number[] = [];
    environment.on('heartbeat', () => heardAtMs.push(performance.now()));
    await environment.run(() =>
      withHeartbeat(() => until('four heartbeats', () => (heardAtMs.length === 4 ? true : undefined))),
    );
    const [first = 0, , , fourth = 0] = heardAtMs;
    expect(fourth - first).toBeGreaterThan(heartbeatTimeoutMs * 0.8);
    expect(fourth - first).toBeLessThan(heartbeatTimeoutMs * 1.5);
  },
);

test('pieces of work within one activity share its heartbeat, which goes on when one of them ends', async () => {
  const environment = new MockActivityEnvironment();
  const heard: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heard.push(details));
  const begun = Date.now();
  await environment.run(() =>
    withHeartbeat(async () => {
      const pieces = ['a', 'b', 'c'].map((service) =>
        withHeartbeat((beat) => Promise.resolve(beat.say({ service, phase: 'probing', answer: 'no', tries: 1 }))),
      );
      await Promise.all(pieces);
      await until('two heartbeats', () => (heard.length === 2 ? true : undefined));
    }),
  );
  const each = ['a', 'b', 'c'].map((service): unknown => expect.objectContaining({ service, answer: 'no', tries: 1 }));
  expect(heard).toEqual(Array(2).fill(each));
  expect(Date.now() - begun).toBeGreaterThan(1_500);
});

test('a service is in its phase since it came into it, whatever it answers meanwhile', async () => {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 100 });
  const heard: { readonly sinceMs: number; readonly answer?: string }[] = [];
  environment.on('heartbeat', (details: [{ sinceMs: number }]) => heard.push(...details));
  const says = (answer: string) => () => heard.find((h) => h.answer === answer);
  const sinceMs: number[] = [];
  await environment.run(() =>
    withHeartbeat(async (beat) => {
      beat.say({ service: 'db', phase: 'probing', answer: 'no' });
      sinceMs.push((await until('a first answer', says('no'))).sinceMs);
      beat.say({ service: 'db', phase: 'probing', answer: 'not yet' });
      sinceMs.push((await until('a second answer', says('not yet'))).sinceMs);
      beat.say({ service: 'db', phase: 'healthy', answer: 'yes' });
      sinceMs.push((await until('a good answer', says('yes'))).sinceMs);
    }),
  );
  const [first = NaN, again, healthy] = sinceMs;
  expect(again).toBe(first);
  expect(healthy).toBeGreaterThan(first);
});

test('work that ends at once costs none, and none comes after its end', async () => {
  const environment = new MockActivityEnvironment();
  let heard = 0;
  environment.on('heartbeat', () => (heard += 1));
  expect(await environment.run(() => withHeartbeat(() => Promise.resolve('done')))).toBe('done');
  await pause(1_000);
  expect(heard).toBe(0);
});

test('a cancellation reaches the work by its signal', async () => {
  const environment = new MockActivityEnvironment();
  const ran = environment.run(() => withHeartbeat(({ signal }) => pause(10_000, undefined, { signal })));
  const ended = ran.catch((error: unknown) => error);
  environment.cancel();
  expect(await ended).toMatchObject({ name: 'AbortError' });
});
