import fc from 'fast-check';
import { expectedMs, timeoutMs } from '../../domain/timing.ts';

const history = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 40 });
const learned = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 5, maxLength: 40 });
const asked = fc.integer({ min: 1000, max: 3_600_000 });

type Timed = Parameters<typeof expectedMs>[0];
const healthCheck = {
  test: ['CMD', 'true'],
  intervalMs: 1,
  timeoutMs: 1,
  retries: 1,
  startPeriodMs: 0,
};
const service = (image: string, more: Partial<Timed> = {}): Timed => ({
  image,
  options: {},
  body: { Image: image, Labels: {}, HostConfig: {} },
  ...more,
});

describe('expectedMs', () => {
  test.each([
    ['quay.io/keycloak/keycloak:26', 20_000],
    ['postgres:18', 2_500],
    ['busybox', 1_000],
  ])('%s with a check, without history: %d ms', (image, ms) =>
    expect(expectedMs(service(image, { healthCheck }), [])).toBe(ms),
  );

  test('without a check it has to keep running first', () => {
    expect(expectedMs(service('busybox'), [])).toBe(1_000);
    expect(expectedMs(service('busybox', { options: { settleMs: 7_000 } }), [])).toBe(7_000);
    expect(expectedMs(service('busybox', { options: { settleMs: 0 } }), [])).toBe(1_000);
    const published = {
      Image: 'web',
      Labels: {},
      HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '80' }] } },
    };
    expect(expectedMs(service('web', { body: published }), [])).toBe(1_000);
  });

  test('with history it is a time that was measured, with as many above as below', () => {
    fc.assert(
      fc.property(history, (times) => {
        fc.pre(times.length > 0);
        const middle = expectedMs(service('keycloak'), times);
        expect(times).toContain(middle);
        expect(times.filter((t) => t < middle).length).toBeLessThanOrEqual(times.length / 2);
        expect(times.filter((t) => t > middle).length).toBeLessThanOrEqual(times.length / 2);
      }),
    );
  });

  test('numbers are ordered as numbers, and the history stays as it was', () => {
    const times = [900, 1000, 10_000];
    expect(expectedMs(service('web'), times)).toBe(1000);
    expect(timeoutMs('web', [20_000, 100_000, 9_000, 9_500, 30_000], undefined, undefined)).toBe(150_000);
    expect(times).toEqual([900, 1000, 10_000]);
  });
});

describe('timeoutMs', () => {
  test("the service's own wins over the command's, the command's over what was learned", () => {
    fc.assert(
      fc.property(history, asked, asked, (times, own, command) => {
        expect(timeoutMs('web', times, own, command)).toBe(own);
        expect(timeoutMs('web', times, undefined, command)).toBe(command);
      }),
    );
  });

  test.each([
    ['keycloak:26', 240_000],
    ['elasticsearch:9', 240_000],
    ['postgres:18', 120_000],
  ])('%s: %d ms until five deployments are known', (image, ms) => {
    for (let n = 0; n < 5; n++) expect(timeoutMs(image, Array(n).fill(1), undefined, undefined)).toBe(ms);
    expect(timeoutMs(image, Array(5).fill(1), undefined, undefined)).toBe(30_000);
  });

  test('learned: half as long again as the slowest of few, from 30 s to 10 min', () => {
    fc.assert(
      fc.property(learned, (times) => {
        const ms = timeoutMs('keycloak', times, undefined, undefined);
        const slowest = Math.max(...times);
        expect(ms).toBe(Math.min(600_000, Math.max(30_000, Math.round(slowest * 1.5))));
      }),
    );
  });

  test('time enough to keep running as long as it has to, where nobody says how long it may take', () => {
    for (const times of [[], Array<number>(5).fill(1)])
      expect(timeoutMs('web', times, undefined, undefined, 600_000)).toBe(630_000);
    expect(timeoutMs('web', [], undefined, 5000, 600_000)).toBe(5000);
  });

  test('one outlier in two hundred does not count', () => {
    const times = [...Array<number>(199).fill(40_000), 600_000];
    expect(timeoutMs('web', times, undefined, undefined)).toBe(60_000);
  });
});
