// What leaves an activity: typed by the catalogue, masked, retried or not as the catalogue says.
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { failureOf, toApplicationFailure } from '../../activities/failure.ts';
import { EngineFailure } from '../../adapters/docker/engine-failure.ts';
import { FAILURES, isFailureCode } from '../../domain/failures.ts';

test.each(Object.keys(FAILURES).filter(isFailureCode))(
  '%s is retried by Temporal exactly when the catalogue says so',
  (code) => {
    const failure = failureOf({ code, what: 'it failed' });
    expect(failure.type).toBe(FAILURES[code].name);
    expect(failure.nonRetryable).toBe(FAILURES[code].retry === 'none');
    expect(failure.details).toEqual([{ code, what: 'it failed' }]);
  },
);

test('a failure of the engine keeps its code and lines, without the secrets, and names the service', () => {
  const lines = Array.from({ length: 12 }, (_, n) => `line ${n} hunter2-hunter2`);
  const failure = toApplicationFailure(
    new EngineFailure('DIVE-1208', 'no hunter2-hunter2 there', { lines }),
    ['hunter2-hunter2'],
    'db',
  );
  if (!(failure instanceof ApplicationFailure)) throw new Error('not an ApplicationFailure');
  const [details] = failure.details ?? [];
  expect(details).toMatchObject({ code: 'DIVE-1208', service: 'db' });
  expect(JSON.stringify(failure.details)).not.toContain('hunter2');
  expect(Reflect.get(Object(details), 'why')).toHaveLength(10);
});

test('what nobody foresaw is a fault of ours, and a cancellation stays one', () => {
  expect(toApplicationFailure(new TypeError('x is not a function'))).toMatchObject({
    details: [{ code: 'DIVE-1501', what: 'x is not a function' }],
  });
  const cancelled = new CancelledFailure('cancelled');
  expect(toApplicationFailure(cancelled)).toBe(cancelled);
});
