// Follows a running operation to its end, or until the person lets go.
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Ending, Operation } from '../client/operations.ts';
import { instanceWorkflowId } from '../domain/names.ts';
import type { WaitHeartbeat } from '../domain/messages.ts';
import type { ProgressView } from './output/progress-view.ts';

const EVERY_MS = 250;
const QUERY_WITHIN_MS = 2_000;

export type Followed<R> = Ending<R> | { readonly kind: 'detached' };

/** Shows progress four times a second. `detach` ends the following, never the operation. */
export async function follow<R>(
  client: Client,
  operation: Operation<R>,
  view: ProgressView,
  detach: AbortSignal,
): Promise<Followed<R>> {
  const ended = new AbortController();
  const result = operation.result().finally(() => ended.abort());
  const gone = new Promise<Followed<R>>((resolve) => {
    if (detach.aborted) resolve({ kind: 'detached' });
    detach.addEventListener('abort', () => resolve({ kind: 'detached' }), { once: true });
  });
  const watching = watch(client, operation, view, AbortSignal.any([ended.signal, detach]));
  try {
    return await Promise.race([result, gone]);
  } finally {
    ended.abort();
    await watching;
    view.end();
  }
}

async function watch(
  client: Client,
  operation: Operation<unknown>,
  view: ProgressView,
  stop: AbortSignal,
): Promise<void> {
  const { queryProgress } = await import('../client/operations.ts');
  let since = 0;
  const look = async (): Promise<void> => {
    try {
      const [progress, waits] = await Promise.all([
        queryProgress(client, operation.instance, since, QUERY_WITHIN_MS, operation.runId),
        pendingWaits(client, operation),
      ]);
      since = progress.events.at(-1)?.seq ?? since;
      view.update(progress, waits, Date.now());
    } catch {
      if (!stop.aborted) view.silent('no worker answers; the operation goes on when one is back: dive server status');
    }
  };
  while (!stop.aborted) {
    await look();
    await pause(EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  // The last events arrived together with the end.
  await look();
}

/** Heartbeat details of what is pending: service, phase, last answer. */
async function pendingWaits(client: Client, operation: Operation<unknown>): Promise<WaitHeartbeat[]> {
  const found = await client.workflow.getHandle(instanceWorkflowId(operation.instance), operation.runId).describe();
  return (found.raw.pendingActivities ?? []).flatMap((activity): WaitHeartbeat[] => {
    const data = activity.heartbeatDetails?.payloads?.[0]?.data;
    if (!data || data.length === 0) return [];
    try {
      const details: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
      return isWait(details) ? [details] : [];
    } catch {
      return [];
    }
  });
}

function isWait(value: unknown): value is WaitHeartbeat {
  return typeof value === 'object' && value !== null && 'service' in value && 'phase' in value;
}
