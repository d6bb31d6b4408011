// watch, pause, resume, cancel: talking to the operation that runs.
import type { DeploymentResult } from '../../domain/deployment.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { follow } from '../follow.ts';
import { instancesFor } from '../instances.ts';
import { progressView } from '../output/progress-view.ts';
import type { Session } from '../session.ts';
import { detached } from './up.ts';

async function running(session: Session, codes: readonly string[]) {
  const { findHolder } = await import('../../client/operations.ts');
  const client = await session.temporal();
  const [instance] = await instancesFor(session, codes, {});
  const code = instance?.code ?? '';
  const holder = await findHolder(client, code);
  if (!holder)
    throw new CommandFailure(
      { code: 'DIVE-1001', what: 'no operation is running' },
      { instance: code, now: ['dive status shows how it is'], exitCode: EXIT.invalid },
    );
  return { client, code, holder };
}

/** Looks on until the end; its exit code is the operation's. */
export async function watch(session: Session, codes: readonly string[], detach: AbortSignal): Promise<number> {
  const { attach } = await import('../../client/operations.ts');
  const { client, code, holder } = await running(session, codes);
  const followed = await follow(
    session,
    attach<DeploymentResult>(client, code, holder.runId),
    await progressView(session.output),
    detach,
  );
  switch (followed.kind) {
    case 'detached':
      return detached(session, code);
    case 'done':
      session.output.json({ type: 'result', exitCode: EXIT.done, ...followed.result });
      session.output.say(`${code}: ${followed.result.outcome}`);
      return EXIT.done;
    case 'failed':
      throw new CommandFailure(followed.failure, {
        instance: code,
        now: followed.failure.now,
        exitCode: followed.failure.exitCode,
      });
    case 'cancelled':
    case 'terminated':
      session.output.say(`${code}: ${followed.kind}`);
      return EXIT.cancelled;
  }
}

export async function steer(
  session: Session,
  verb: 'pause' | 'resume' | 'cancel',
  codes: readonly string[],
): Promise<number> {
  const operations = await import('../../client/operations.ts');
  const { client, code, holder } = await running(session, codes);
  const { user, host } = session.config.caller;
  const by = `${user} on ${host}`;
  if (verb === 'cancel') await operations.cancel(client, code);
  else await operations[verb](client, code, by);
  const said = {
    pause: `${code}: pauses; what runs goes on, nothing new starts. dive resume ${code} goes on`,
    resume: `${code}: goes on. dive watch ${code} looks on`,
    cancel: `${code}: is being cancelled; what it did is taken back. dive watch ${code} looks on`,
  }[verb];
  session.output.say(said);
  session.output.json({ version: 1, instance: code, runId: holder.runId, asked: verb });
  return EXIT.done;
}
