// Follows a running operation to its end, or until the person lets go.
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Ending, Operation } from '../client/operations.ts';
import { instanceWorkflowId } from '../domain/names.ts';
import type { DeploymentResult } from '../domain/deployment.ts';
import type { Progress, WaitHeartbeat } from '../domain/messages.ts';
import { awaitEnd, lostSight } from './await-end.ts';
import { lastProgress } from './last-progress.ts';
import type { ProgressView } from './output/progress-view.ts';
import { upToDate } from './output/up-to-date.ts';
import type { Session } from './session.ts';
import { stuckText } from './stuck.ts';

const LONGEST_REST_MS = 2_000;
const QUERY_WITHIN_MS = 2_000;

export type Followed<R> = Ending<R> | { readonly kind: 'detached' };

/**
 * Shows progress, as often as `view` asks at most. `detach` ends the following, never the operation. A server that was
 * killed meanwhile is started again. @throws CommandFailure DIVE-1603 when it was stopped, or does not come back
 */
export async function follow<R>(
  session: Pick<Session, 'temporal' | 'reviveServer'>,
  operation: Operation<R>,
  view: ProgressView,
  detach: AbortSignal,
): Promise<Followed<R>> {
  const ended = new AbortController();
  const gone = new Promise<Followed<R>>((resolve) => {
    if (detach.aborted) resolve({ kind: 'detached' });
    detach.addEventListener('abort', () => resolve({ kind: 'detached' }), { once: true });
  });
  const stop = AbortSignal.any([ended.signal, detach]);
  const looker = new Looker(await session.temporal(), session, operation, view, stop);
  try {
    const watching = looker.watch();
    const end = awaitEnd(operation, () => looker.heardAtMs, stop);
    const followed = await Promise.race([end, gone, watching.then(() => gone)]);
    ended.abort();
    if (followed.kind === 'done' && looker.finish(followed.result)) return followed;
    await watching;
    if (followed.kind !== 'detached') await looker.look(true);
    return followed;
  } finally {
    ended.abort();
    view.end();
  }
}

class Looker {
  readonly #client: Client;
  readonly #session: Pick<Session, 'reviveServer'>;
  readonly #operation: Operation<unknown>;
  readonly #view: ProgressView;
  readonly #stop: AbortSignal;
  #seen: Progress | undefined;
  /** The last that was heard of each service: a heartbeat is gone with its activity. */
  readonly #heard = new Map<string, WaitHeartbeat>();
  #since = 0;
  /** When the operation was heard of the last time, milliseconds since 1970. */
  heardAtMs = Date.now();

  constructor(
    client: Client,
    session: Pick<Session, 'reviveServer'>,
    operation: Operation<unknown>,
    view: ProgressView,
    stop: AbortSignal,
  ) {
    this.#client = client;
    this.#session = session;
    this.#operation = operation;
    this.#view = view;
    this.#stop = stop;
  }

  /** Until nobody wants to know any more. @throws CommandFailure when the server does not come back */
  async watch(): Promise<void> {
    while (!this.#stop.aborted) {
      const begunMs = performance.now();
      await this.look(false);
      const { everyMs, rest } = this.#view.pace;
      const restMs = Math.min(LONGEST_REST_MS, Math.max(everyMs, rest * (performance.now() - begunMs)));
      await pause(restMs, undefined, { signal: this.#stop }).catch(() => undefined);
    }
  }

  /** `last`: what comes now is the end, and is shown although nobody waits any more. */
  async look(last: boolean): Promise<void> {
    const isOver = (): boolean => this.#stop.aborted && !last;
    try {
      const { queryProgress } = await import('../client/operations.ts');
      const [progress, { waits, stuck }] = await Promise.all([
        queryProgress(this.#client, this.#operation.instance, this.#since, QUERY_WITHIN_MS, this.#operation.runId),
        pendingSteps(this.#client, this.#operation),
      ]);
      this.heardAtMs = Date.now();
      if (!isOver()) this.#show(progress, waits);
      if (stuck !== undefined && !this.#stop.aborted) this.#view.silent(stuck);
    } catch {
      if (this.#stop.aborted) return;
      const server = await this.#session.reviveServer((line) => this.#view.note(line));
      if (server === 'was stopped' || server === 'has another address now')
        throw lostSight(this.#operation.instance, `the server ${server}`);
      if (server === 'is there')
        this.#view.silent('no worker answers; the operation goes on when one is back: dive server status');
    }
  }

  /**
   * Shows the end from the result alone; asking an operation that ended costs a replay of its history. false where the
   * result does not tell all that has not been shown.
   */
  finish(result: unknown): boolean {
    if (!hasEvents(result) || this.#seen === undefined) return false;
    const last = lastProgress(this.#seen, this.#since, result.lastEvents);
    if (last === undefined) return false;
    this.#show(last, []);
    return true;
  }

  #show(asKnown: Progress, waits: readonly WaitHeartbeat[]): void {
    for (const wait of waits) this.#heard.set(wait.service, wait);
    const progress = upToDate(asKnown, this.#heard);
    this.#seen = progress;
    this.#since = progress.events.at(-1)?.seq ?? this.#since;
    this.#view.update(progress, waits, Date.now());
  }
}

function hasEvents(value: unknown): value is Pick<DeploymentResult, 'lastEvents'> {
  return typeof value === 'object' && value !== null && 'lastEvents' in value && Array.isArray(value.lastEvents);
}

interface Pending {
  /** Heartbeat details: service, phase, last answer. */
  readonly waits: readonly WaitHeartbeat[];
  /** Why nothing goes on. */
  readonly stuck: string | undefined;
}

async function pendingSteps(client: Client, operation: Operation<unknown>): Promise<Pending> {
  const found = await client.workflow.getHandle(instanceWorkflowId(operation.instance), operation.runId).describe();
  const pending = found.raw.pendingActivities ?? [];
  const steps = pending.map((activity) => ({
    state: activity.state ?? null,
    attempt: activity.attempt ?? null,
    scheduledMs: Number(activity.scheduledTime?.seconds ?? 0) * 1000,
    lastFailure: activity.lastFailure?.message ?? undefined,
  }));
  const waits = pending.flatMap((activity): WaitHeartbeat[] => {
    const data = activity.heartbeatDetails?.payloads?.[0]?.data;
    if (!data || data.length === 0) return [];
    try {
      const details: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
      return [details].flat().filter(isWait);
    } catch {
      return [];
    }
  });
  return { waits, stuck: stuckText(steps, Date.now()) };
}

function isWait(value: unknown): value is WaitHeartbeat {
  return typeof value === 'object' && value !== null && 'service' in value && 'phase' in value;
}
