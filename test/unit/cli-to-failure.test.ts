import { ServiceError } from '@temporalio/client';
import { StoreFailure } from '../../adapters/store/store-failure.ts';
import { CommandFailure } from '../../cli/exit.ts';
import { toFailure } from '../../cli/to-failure.ts';

const grpc = (code: number, message: string): Error => Object.assign(new Error(message), { code });

test.each([
  [14, 'UNAVAILABLE: No connection established'],
  [4, 'DEADLINE_EXCEEDED'],
])('a Temporal that went away is an engine that cannot be reached: gRPC %d', (code, said) => {
  const { details, exitCode, now } = toFailure(
    new ServiceError('Failed to start Workflow', { cause: grpc(code, said) }),
  );
  expect({ details, exitCode }).toMatchObject({ details: { code: 'DIVE-1603', why: [said] }, exitCode: 6 });
  expect(now.join()).toContain('dive status');
});

test('what Temporal refuses is a fault of ours, with the place where it happened', () => {
  const failure = toFailure(new ServiceError('Failed to start Workflow', { cause: grpc(3, 'INVALID_ARGUMENT') }));
  expect(failure).toMatchObject({ details: { code: 'DIVE-1501', what: 'Failed to start Workflow' }, exitCode: 3 });
  expect(failure.details.why?.[0]).toMatch(/^at /);
});

test('a failure with a code of the catalogue keeps it', () => {
  const lost = new StoreFailure('DIVE-1602', 'PostgreSQL does not answer');
  expect(toFailure(lost)).toMatchObject({ details: { code: 'DIVE-1602', what: lost.message }, exitCode: 6 });
  const own = new CommandFailure({ code: 'DIVE-1001', what: 'nobody' });
  expect(toFailure(own)).toBe(own);
});
