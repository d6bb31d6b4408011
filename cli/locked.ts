import type { Holder } from '../client/operations.ts';
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
  const doing = holder?.progress?.paused
    ? 'it is paused'
    : busy.length > 0
      ? `it waits for ${busy.join(', ')}`
      : `it is ${holder?.progress?.state.toLowerCase() ?? 'starting'}`;
  return new CommandFailure(
    {
      code: 'DIVE-1007',
      what: `is held by operation ${mine?.fence ?? holder?.progress?.operation ?? '?'}`,
      why: [`${holder?.workflowType ?? 'an operation'}, ${who}, ${since}; ${doing}`],
    },
    {
      instance,
      exitCode: EXIT.locked,
      next: [`dive watch ${instance}   look on`, 'dive up --wait   take my turn after it'],
    },
  );
}
