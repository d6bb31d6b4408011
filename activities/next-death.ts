import type { EngineEvent } from '../adapters/docker/event-feed.ts';
import { eventFeed } from '../adapters/docker/event-feed.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { lastLogLines } from '../adapters/docker/log-lines.ts';
import { observeProject } from '../adapters/docker/observe.ts';
import type { OperationRef } from '../domain/deployment.ts';
import { LABELS } from '../domain/names.ts';
import { mask } from '../domain/mask.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts } from './operation-context.ts';

export interface DeathRequest extends OperationRef {
  readonly project: string;
  /** Deaths before this are known, milliseconds since 1970. */
  readonly sinceMs: number;
}

export interface Death {
  readonly containerId: string;
  readonly exitCode: number;
  readonly atMs: number;
  readonly lines: readonly string[];
}

/** Waits for the next death of a container of the project, as long as the workflow wants it. */
export async function nextDeath(contexts: OperationContexts, request: DeathRequest): Promise<Death> {
  const context = await contexts.get(request);
  return withHeartbeat(async ({ signal }) => {
    const feed = eventFeed(context.engine);
    const deaths: EngineEvent[] = [];
    let wake: () => void = () => undefined;
    const stop = feed.subscribe(request.project, (event) => {
      if (event.action === 'die' || event.action === 'reconnected') deaths.push(event);
      wake();
    });
    const aborted = (): void => wake();
    signal.addEventListener('abort', aborted);
    try {
      await Promise.race([feed.open(), rejectOnAbort(signal)]);
      const missed = await missedDeath(context, request);
      if (missed) return missed;
      for (;;) {
        signal.throwIfAborted();
        const event = deaths.shift();
        if (event?.action === 'reconnected') {
          const found = await missedDeath(context, request);
          if (found) return found;
        } else if (event && event.timeMs > request.sinceMs) {
          return await death(context, event.containerId, event.exitCode ?? 0, event.timeMs);
        } else if (!event) {
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    } finally {
      signal.removeEventListener('abort', aborted);
      stop();
      await feed.close();
    }
  });
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(toError(signal.reason)), { once: true }),
  );
}

/** One that ended while nobody listened (a worker was replaced, the stream broke). */
async function missedDeath(context: OperationContext, request: DeathRequest): Promise<Death | undefined> {
  const mine = `${request.instance}/${request.fence}`;
  const { containers } = await observeProject(context.engine, request.project);
  for (const c of containers.filter((o) => o.state === 'exited' && o.labels[LABELS.operation] === mine)) {
    const found = await inspectContainer(context.engine, c.id);
    if (found?.finishedAtMs !== undefined && found.finishedAtMs > request.sinceMs)
      return death(context, c.id, found.exitCode, found.finishedAtMs);
  }
  return undefined;
}

async function death(context: OperationContext, containerId: string, exitCode: number, atMs: number): Promise<Death> {
  const lines = await lastLogLines(context.engine, containerId, 10).catch(() => []);
  return { containerId, exitCode, atMs, lines: lines.map((l) => mask(l, context.spec.secrets)) };
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
