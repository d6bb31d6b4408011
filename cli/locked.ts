import type { Holder } from '../client/operations.ts';
import type { Progress } from '../domain/messages.ts';
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

/** What the holder says of itself; UNKNOWN is the instance's state before its first operation got anywhere. */
function doingNow(progress: Progress | undefined, busy: readonly string[]): string {
  if (progress?.paused) return 'it is paused';
  if (busy.length > 0) return `it waits for ${busy.join(', ')}`;
  // COMPLETE is that of the operation before it.
  const early = progress === undefined || progress.state === 'UNKNOWN' || progress.state === 'COMPLETE';
  return early ? 'it has just started' : `it is ${progress.state.toLowerCase().replace('_', ' ')}`;
}
