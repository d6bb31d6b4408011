// The state machine of an instance, as data. The store loads the same table into PostgreSQL; a test keeps them equal.

export const STATES = [
  'UNKNOWN',
  'INITIALIZING',
  'DEPLOYING',
  'CONFIGURING',
  'VERIFYING',
  'COMPLETE',
  'FAILED',
  'ROLLING_BACK',
  'CLEANUP',
] as const;
export type InstanceState = (typeof STATES)[number];

export const TRANSITIONS = [
  ['UNKNOWN', 'INITIALIZING'],
  ['INITIALIZING', 'DEPLOYING'],
  ['DEPLOYING', 'CONFIGURING'],
  ['CONFIGURING', 'VERIFYING'],
  ['VERIFYING', 'COMPLETE'],
  ['INITIALIZING', 'FAILED'],
  ['DEPLOYING', 'FAILED'],
  ['CONFIGURING', 'FAILED'],
  ['VERIFYING', 'FAILED'],
  ['FAILED', 'INITIALIZING'],
  ['FAILED', 'ROLLING_BACK'],
  ['FAILED', 'CLEANUP'],
  ['ROLLING_BACK', 'COMPLETE'],
  ['ROLLING_BACK', 'CLEANUP'],
  ['ROLLING_BACK', 'FAILED'],
  ['COMPLETE', 'INITIALIZING'],
  ['COMPLETE', 'CLEANUP'],
  ['CLEANUP', 'UNKNOWN'],
] as const satisfies readonly (readonly [InstanceState, InstanceState])[];

/** What a change passes through before it is complete, in order. */
export const FORWARD = [
  'INITIALIZING',
  'DEPLOYING',
  'CONFIGURING',
  'VERIFYING',
] as const satisfies readonly InstanceState[];

export function isLegalTransition(from: InstanceState, to: InstanceState): boolean {
  return TRANSITIONS.some(([f, t]) => f === from && t === to);
}

/**
 * The states to pass through, in order, so that a new operation can begin where an earlier one was lost
 * (its workflow terminated): an unfinished state counts as failed, an unfinished clean-up as done.
 */
export function settle(state: InstanceState): InstanceState[] {
  switch (state) {
    case 'INITIALIZING':
    case 'DEPLOYING':
    case 'CONFIGURING':
    case 'VERIFYING':
    case 'ROLLING_BACK':
      return ['FAILED'];
    case 'CLEANUP':
      return ['UNKNOWN'];
    case 'UNKNOWN':
    case 'COMPLETE':
    case 'FAILED':
      return [];
  }
}
