// Failures inside workflows: reading what an activity threw, and throwing the one a workflow ends with.
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import { FAILURES, type FailureDetails } from '../domain/failures.ts';
import type { DeploymentFailure } from '../domain/deployment.ts';

function isDetails(value: unknown): value is FailureDetails {
  return typeof value === 'object' && value !== null && 'code' in value && String(value.code) in FAILURES;
}

/** The catalogue's view of anything thrown. */
export function detailsOf(error: unknown, service?: string): FailureDetails {
  const about = service === undefined ? {} : { service };
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApplicationFailure && isDetails(at.details?.[0])) return { ...about, ...at.details[0] };
    if (at instanceof TimeoutFailure) {
      return at.timeoutType === 'SCHEDULE_TO_START'
        ? { ...about, code: 'DIVE-1604', what: 'no worker of the site took the work' }
        : { ...about, code: 'DIVE-1501', what: `a step took longer than it may (${at.timeoutType})` };
    }
  }
  if (isCancellation(error)) return { ...about, code: 'DIVE-1503', what: 'cancelled' };
  const inner = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  return { ...about, code: 'DIVE-1501', what: inner instanceof Error ? inner.message : String(inner) };
}

export function deploymentFailure(failure: DeploymentFailure): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURES[failure.code].name,
    message: `${failure.code} ${failure.service ? `${failure.service}: ` : ''}${failure.what}`,
    nonRetryable: true,
    details: [failure],
  });
}

/** Thrown by the executor when a core service failed; carries the details. */
export function serviceFailure(details: FailureDetails): ApplicationFailure {
  return ApplicationFailure.create({
    type: FAILURES[details.code].name,
    message: details.what,
    nonRetryable: true,
    details: [details],
  });
}
