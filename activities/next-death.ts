import type { EngineEvent } from '../adapters/docker/event-feed.ts';
import { eventFeed } from '../adapters/docker/event-feed.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { lastLogLines } from '../adapters/docker/log-lines.ts';
import { observeContainers } from '../adapters/docker/observe.ts';
import type { OperationRef } from '../domain/deployment.ts';
import { HealthTurns } from '../domain/health-turns.ts';
import { mask } from '../domain/mask.ts';
import { memoryAdvice } from '../domain/memory-advice.ts';
import { COMPOSE_LABELS } from '../domain/names.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts } from './operation-context.ts';

export interface DeathRequest extends OperationRef {
  readonly project: string;
  /** Deaths before this are known, milliseconds since 1970. */
  readonly sinceMs: number;
}

/** What befell a container; a pause and a flapping health are as bad as a death for whoever relies on it. */
export interface Death {
  /** Absent in histories of before: it died. */
  readonly kind?: 'died' | 'paused' | 'flapping';
  readonly containerId: string;
  /** 0 unless it died. */
  readonly exitCode: number;
  readonly atMs: number;
  readonly lines: readonly string[];
  /** Its service, where the engine still knew it. */
  readonly service?: string;
  /** It had been found healthy, whether or not the workflow has heard of that yet. @default false */
  readonly proven?: boolean;
  /** The kernel killed it for its memory: what to do, a line each. */
  readonly memory?: readonly string[];
}

/** `docker commit` pauses for a moment: only what is still paused after this time counts. */
const PAUSE_GRACE_MS = 1_000;
const HEARD = new Set<EngineEvent['action']>(['die', 'pause', 'health_status', 'reconnected']);

/** Waits for the next death, pause or flapping of a container of the project, as long as the workflow wants it. */
export async function nextDeath(contexts: OperationContexts, request: DeathRequest): Promise<Death> {
  const context = await contexts.get(request);
  return withHeartbeat(async ({ signal }) => {
    const feed = eventFeed(context.engine);
    const events: EngineEvent[] = [];
    const turns = new HealthTurns();
    let wake: () => void = () => undefined;
    const put = (event: EngineEvent): void => {
      events.push(event);
      wake();
    };
    const stop = feed.subscribe(request.project, (event) => {
      if (!HEARD.has(event.action)) return;
      if (event.action === 'pause') setTimeout(() => put(event), PAUSE_GRACE_MS).unref();
      else put(event);
    });
    const aborted = (): void => wake();
    signal.addEventListener('abort', aborted);
    try {
      await Promise.race([feed.open(), rejectOnAbort(signal)]);
      const missed = await missedDeath(context, request);
      if (missed) return missed;
      for (;;) {
        signal.throwIfAborted();
        const event = events.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        const found =
          event.action === 'reconnected'
            ? await missedDeath(context, request)
            : event.timeMs > request.sinceMs && (await toReport(context, event, turns));
        if (found) return found;
      }
    } finally {
      signal.removeEventListener('abort', aborted);
      stop();
      await feed.close();
    }
  });
}

async function toReport(context: OperationContext, event: EngineEvent, turns: HealthTurns): Promise<Death | undefined> {
  const { action, containerId, timeMs } = event;
  if (action === 'die') return death(context, containerId, event.exitCode ?? 0, timeMs);
  if (action === 'pause') {
    const now = await inspectContainer(context.engine, containerId);
    return now?.state === 'paused' ? { ...(await death(context, containerId, 0, timeMs)), kind: 'paused' } : undefined;
  }
  if (!turns.flaps(containerId, event.health === 'healthy')) return undefined;
  return { ...(await death(context, containerId, 0, timeMs)), kind: 'flapping' };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(toError(signal.reason)), { once: true }),
  );
}

/** One that ended while nobody listened (a worker was replaced, the stream broke). */
async function missedDeath(context: OperationContext, request: DeathRequest): Promise<Death | undefined> {
  const containers = await observeContainers(context.engine, request.project);
  for (const c of containers.filter((o) => o.state === 'exited' && context.isMine(o))) {
    const found = await inspectContainer(context.engine, c.id);
    if (found?.finishedAtMs !== undefined && found.finishedAtMs > request.sinceMs)
      return death(context, c.id, found.exitCode, found.finishedAtMs);
  }
  return undefined;
}

async function death(context: OperationContext, containerId: string, exitCode: number, atMs: number): Promise<Death> {
  const lines = await lastLogLines(context.engine, containerId).catch(() => []);
  const now = await inspectContainer(context.engine, containerId).catch(() => undefined);
  const name = now?.labels[COMPOSE_LABELS.service];
  const memory = now?.oomKilled === true ? memoryAdvice(context.spec.services.find((s) => s.name === name)) : undefined;
  return {
    containerId,
    exitCode,
    atMs,
    lines: lines.map((l) => mask(l, context.spec.secrets)),
    ...(name === undefined ? {} : { service: name }),
    ...(context.proofs.has(containerId) ? { proven: true } : {}),
    ...(memory === undefined ? {} : { memory }),
  };
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
