import type { DeploymentFailure } from '../../domain/deployment.ts';
import { FAILURES } from '../../domain/failures.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { follow } from '../follow.ts';
import { instancesFor } from '../instances.ts';
import { lockedFailure } from '../locked.ts';
import { duration } from '../output/durations.ts';
import { progressView } from '../output/progress-view.ts';
import type { Session } from '../session.ts';
import type { ComposeFlags } from '../targets.ts';
import { detached } from './up.ts';

export interface DownFlags extends ComposeFlags {
  readonly volumes?: boolean;
}

/** Spokes first, the hub last. */
export async function down(
  session: Session,
  codes: readonly string[],
  flags: DownFlags,
  detach: AbortSignal,
): Promise<number> {
  const instances = (await instancesFor(session, codes, flags)).toReversed();
  const { InstanceLockedError, startTeardown } = await import('../../client/operations.ts');
  for (const instance of instances) {
    const client = await session.temporal();
    const operation = await startTeardown(client, {
      instance: instance.code,
      volumes: flags.volumes === true,
      by: session.config.caller,
    }).catch(async (error: unknown) => {
      if (error instanceof InstanceLockedError) throw await lockedFailure(session, instance.code, error.holder);
      throw error;
    });
    const followed = await follow(session, operation, await progressView(session.output), detach);
    if (followed.kind === 'detached') return detached(session, instance.code);
    if (followed.kind === 'failed')
      throw new CommandFailure(followed.failure, {
        instance: instance.code,
        now: followed.failure.now,
        next: nextSteps(followed.failure, flags),
        exitCode: followed.failure.exitCode,
      });
    if (followed.kind !== 'done') return EXIT.cancelled;
    const { lastEvents: _lastEvents, ...result } = followed.result;
    session.output.json({ type: 'result', exitCode: EXIT.done, ...result });
    const kept =
      result.volumesKept.length === 0
        ? ''
        : `; volumes kept: ${result.volumesKept.join(', ')} (dive down --volumes removes them)`;
    session.output.say(
      `${instance.code} is down: ${result.removed.length === 0 ? 'there was nothing' : `${result.removed.length} objects removed`} in ${duration(result.durationMs)}${kept}`,
    );
  }
  return EXIT.done;
}

function nextSteps({ code, next = [], outcome }: DeploymentFailure, flags: DownFlags): readonly string[] {
  // Where nothing was begun there is nothing to go on with.
  if (outcome === 'rolled-back') return next.length > 0 ? next : [FAILURES[code].remedy];
  return [...next, `dive down${flags.volumes === true ? ' --volumes' : ''}   goes on`];
}
