import { durationNs, refreshMs } from '../../adapters/compose/duration.ts';

it.each([
  ['1m30s', 90e9],
  ['1.5s', 1.5e9],
  ['250ms', 250e6],
  ['1h0m0s', 3600e9],
  ['0', 0],
  ['10us', 10e3],
])('%s is %d nanoseconds', (text, ns) => {
  expect(durationNs(text)).toBe(ns);
});

it.each(['', '5', 's', '1x', '1m 30s', '-1s', 'x1s'])('%j is no duration', (text) => {
  expect(durationNs(text)).toBeUndefined();
});

it.each([
  ['daily', 86_400e3],
  ['weekly', 7 * 86_400e3],
  ['every_12h', 43_200e3],
  ['every_1w2d', 9 * 86_400e3],
])('%s pulls again after %d milliseconds', (policy, ms) => {
  expect(refreshMs(policy)).toBe(ms);
});

it.each(['always', 'every_', 'every_now', 'constructor', ''])('%j knows no time', (policy) => {
  expect(refreshMs(policy)).toBeUndefined();
});
