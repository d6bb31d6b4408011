// Takes away all that the demonstration made, also in the middle of an operation.
import { removeImage } from '../../adapters/docker/small-image.ts';
import { findInstance, forgetInstance, listInstances } from '../../adapters/store/instances.ts';
import { attach, cancel, findHolder, forgetHistory } from '../../client/operations.ts';
import { stopServer } from '../../server/embedded.ts';
import type { Session } from '../session.ts';
import { down } from '../verbs/down.ts';

export interface Made {
  /** Of the instance. */
  readonly code: string;
  /** An image that was not there before. */
  readonly image?: string;
  /** A server ran before: it stays. */
  readonly hadServer: boolean;
}

/** What is not there is no failure: it may have been interrupted before it made anything. */
export async function cleanUp(session: Session, made: Made): Promise<void> {
  const isRunning = (await session.runningServer()) !== undefined;
  if (isRunning) await removeInstance(session, made.code);
  if (made.image !== undefined) await removeImage(await session.engine(), made.image);
  if (isRunning && !made.hadServer && (await listInstances(await session.store())).length === 0) {
    session.output.note('  stops the server, which was started for this alone; its folder stays');
    await session.close();
    await stopServer();
  }
}

async function removeInstance(session: Session, code: string): Promise<void> {
  const [client, store] = await Promise.all([session.temporal(), session.store()]);
  const row = await findInstance(store, code);
  if (row === undefined) return;
  const holder = await findHolder(client, code);
  if (holder !== undefined) {
    session.output.note('  what runs is cancelled first, and taken back');
    await cancel(client, code);
    await attach(client, code, holder.runId).result();
  }
  await down(session, [code], { volumes: true }, new AbortController().signal);
  await forgetInstance(store, code);
  await forgetHistory(client, code);
}
