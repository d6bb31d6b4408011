// Steps that nobody carries out: told apart from steps that take their time.
/** What Temporal says of an activity that is pending, as far as it is read. */
export interface PendingStep {
  /** `PENDING_ACTIVITY_STATE_SCHEDULED` is 1. */
  readonly state?: number | null;
  readonly attempt?: number | null;
  readonly scheduledMs: number;
  readonly lastFailure?: string | undefined;
}

const SCHEDULED = 1;
/** A worker that is there takes a step within milliseconds. */
const PATIENCE_MS = 3_000;

/** One line on why nothing goes on, or undefined. */
export function stuckText(steps: readonly PendingStep[], nowMs: number): string | undefined {
  const idle = steps.filter((s) => s.state === SCHEDULED);
  const failing = idle.find((s) => (s.attempt ?? 1) > 1 && s.lastFailure);
  if (failing) return `tries again: ${failing.lastFailure} (try ${failing.attempt})`;
  const untaken = idle.find((s) => (s.attempt ?? 1) <= 1 && nowMs - s.scheduledMs >= PATIENCE_MS);
  return untaken && 'no worker of its site takes the work; after two minutes that is a failure: dive server status';
}
