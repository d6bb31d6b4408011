import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { EngineFailure } from '../adapters/docker/engine-failure.ts';
import { StoreFailure } from '../adapters/store/store-failure.ts';
import { FAILURES, type FailureCode, type FailureDetails } from '../domain/failures.ts';
import { mask } from '../domain/mask.ts';

/**
 * A failure of the catalogue on its way to Temporal: type, retryability and details come from the table.
 * `isFinal`: this very one is not tried again.
 */
export function failureOf(details: FailureDetails, cause?: unknown, isFinal = false): ApplicationFailure {
  const entry = FAILURES[details.code];
  return ApplicationFailure.create({
    type: entry.name,
    message: details.what,
    nonRetryable: isFinal || entry.retry === 'none',
    details: [details],
    ...(cause instanceof Error ? { cause: new Error(cause.name) } : {}),
  });
}

/**
 * Whatever an adapter threw, as the failure Temporal sees; cancellation stays cancellation.
 * @param secrets masked in message and evidence
 */
export function toApplicationFailure(error: unknown, secrets: readonly string[] = [], service?: string): unknown {
  if (error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError')) return error;
  if (error instanceof ApplicationFailure) return error;
  const known = error instanceof EngineFailure || error instanceof StoreFailure;
  const code: FailureCode = known ? error.code : 'DIVE-1501';
  const message = error instanceof Error ? error.message : String(error);
  const { lines, next, isFinal } = error instanceof EngineFailure ? error : { lines: [], next: [], isFinal: false };
  return failureOf(
    {
      code,
      what: mask(message, secrets),
      ...(service === undefined ? {} : { service }),
      ...(lines.length === 0 ? {} : { why: lines.slice(-10).map((l) => mask(l, secrets)) }),
      ...(next.length === 0 ? {} : { next }),
    },
    error,
    isFinal,
  );
}
