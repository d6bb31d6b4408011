import { stuckText, type PendingStep } from '../../cli/stuck.ts';

const scheduled = (more: Partial<PendingStep> = {}): PendingStep => ({ state: 1, attempt: 1, scheduledMs: 0, ...more });

test('a step that nobody takes is said after a while, one that runs never', () => {
  expect(stuckText([scheduled()], 2_999)).toBeUndefined();
  expect(stuckText([scheduled()], 3_000)).toMatch(/no worker/);
  expect(stuckText([scheduled({ state: 2 })], 60_000)).toBeUndefined();
  expect(stuckText([], 60_000)).toBeUndefined();
});

test('a step that is tried again says why', () => {
  const steps = [scheduled({ state: 2 }), scheduled({ attempt: 3, lastFailure: 'PostgreSQL does not answer' })];
  expect(stuckText(steps, 1)).toBe('tries again: PostgreSQL does not answer (try 3)');
});
