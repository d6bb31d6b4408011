import type { Holder } from '../client/operations.ts';
import type { Progress } from '../domain/messages.ts';
import type { InstanceState } from '../domain/states.ts';
import { EXIT, CommandFailure } from './exit.ts';
import { duration } from './output/durations.ts';
import type { Session } from './session.ts';

/** Who holds the instance, since when, and what it is doing. */
export async function lockedFailure(
  session: Session,
  instance: string,
  holder: Holder | undefined,
): Promise<CommandFailure> {
  const { listOperations } = await import('../adapters/store/operations.ts');
  const [row] = await listOperations(await session.store(), instance, 1).catch(() => []);
  const mine = row && row.run_id === holder?.runId ? row : undefined;
  const who = mine?.by_user ? `by ${mine.by_user} on ${mine.by_host ?? '?'}` : 'started outside the dive command';
  const since = holder ? `${duration(Date.now() - holder.sinceMs)} ago` : 'a moment ago';
  const busy =
    holder?.progress?.services.filter((s) => s.phase === 'starting' || s.phase === 'probing').map((s) => s.service) ??
    [];
  return new CommandFailure(
    {
      code: 'DIVE-1007',
      what: `is held by operation ${mine?.fence ?? holder?.progress?.operation ?? '?'}`,
      why: [`${holder?.workflowType ?? 'an operation'}, ${who}, ${since}; ${doingNow(holder?.progress, busy)}`],
    },
    {
      instance,
      exitCode: EXIT.locked,
      next: [`dive watch ${instance}   look on`, 'dive up --wait   take my turn after it'],
    },
  );
}

const EARLY = 'it has just started';
/** Before an operation got anywhere the state is that of the one before it. */
const DOING: Readonly<Record<InstanceState, string>> = {
  UNKNOWN: EARLY,
  COMPLETE: EARLY,
  INITIALIZING: 'it brings images',
  DEPLOYING: 'it is deploying',
  CONFIGURING: 'it is verifying',
  VERIFYING: 'it is verifying',
  FAILED: 'it takes back what it did',
  ROLLING_BACK: 'it takes back what it did',
  CLEANUP: 'it takes everything down',
};

/** What the holder says of itself. */
function doingNow(progress: Progress | undefined, busy: readonly string[]): string {
  if (progress?.paused) return 'it is paused';
  // After a failure what it waited for is past.
  if (busy.length > 0 && progress?.failure === undefined) return `it waits for ${busy.join(', ')}`;
  return progress === undefined ? EARLY : DOING[progress.state];
}
