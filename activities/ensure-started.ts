import { inspectContainer } from '../adapters/docker/inspect.ts';
import { startContainer } from '../adapters/docker/start-container.ts';
import { recordStep } from '../adapters/store/steps.ts';
import type { OperationRef, PlannedContainer, PlannedService, StartedService, Turn } from '../domain/deployment.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import { createOnce } from './create-once.ts';
import { type MayStart, giveWay, inCreation, inLane } from './engine-lanes.ts';
import { failureOf } from './failure.ts';
import { runPostStart } from './hooks.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts, Site } from './operation-context.ts';
import { parkContainer } from './park-container.ts';
import { killedAfter, stopTimed } from './stop-timed.ts';

export interface StartRequest extends OperationRef {
  readonly service: PlannedService;
  /** When it is one of several that are asked for at the same moment. */
  readonly turn?: Turn;
  /** One of dozens that start at once. @default false */
  readonly crowd?: boolean;
}

/** How it is told that it is no longer wanted. */
export interface Until {
  /** Nothing more is begun. */
  readonly stop: AbortSignal;
  /** What is being done ends. */
  readonly abort: AbortSignal;
}

/**
 * Brings all containers of a service to running, as planned. Repeating it changes nothing that was done.
 * @param until by default the activity's cancellation, and the end of the operation
 * @throws the reason of a signal that is aborted
 */
export async function ensureStarted(
  site: Site,
  contexts: OperationContexts,
  request: StartRequest,
  until?: Until,
): Promise<StartedService> {
  const context = await contexts.get(request);
  const spec = context.spec.services.find((s) => s.name === request.service.name);
  if (!spec) throw failureOf({ code: 'DIVE-1501', what: `the spec has no service ${request.service.name}` });
  return withHeartbeat(async (beat) => {
    const both = AbortSignal.any([beat.signal, context.over]);
    const { stop, abort } = until ?? { stop: both, abort: both };
    stop.throwIfAborted();
    if (request.turn) await giveWay(request, request.turn, stop);
    const begins = (answer?: string): void =>
      beat.say({ service: spec.name, phase: 'starting', ...(answer === undefined ? {} : { answer }) });
    const containers = await Promise.all(
      request.service.containers.map((c) => ensureContainer(site, context, spec, c, { request, stop, abort, begins })),
    );
    return { containers };
  });
}

async function ensureContainer(
  site: Site,
  context: OperationContext,
  spec: ServiceSpec,
  container: PlannedContainer,
  {
    request,
    stop,
    abort: signal,
    begins,
  }: Until & { readonly request: StartRequest; readonly begins: (answer?: string) => void },
): Promise<StartedService['containers'][number]> {
  const { instance, fence } = context.operation;
  const change = context.change(signal);
  let id = container.id ?? '';
  if (container.op === 'keep') {
    const now = await inspectContainer(context.engine, id);
    return { name: container.name, id, startedAtMs: now?.startedAtMs ?? Date.now() };
  }
  // Of a crowd who is to be made or started waits for its turn first.
  const stopsFirst = container.op === 'recreate' || container.op === 'restart';
  if (stopsFirst)
    begins(`stops the ${container.op === 'recreate' ? 'old ' : ''}container, ${killedAfter(spec.stopTimeoutS)}`);
  else if (!request.crowd) begins();
  if (container.op === 'recreate') id = await replace(site, context, spec, container, signal);
  else if (container.op === 'restart') {
    const { engine, operation } = context;
    const running = { id, name: container.name, state: 'running' };
    await stopTimed({ store: site.store, operation, engine, change, preStop: true }, spec, running);
  }
  const create = async (): Promise<void> => {
    if (container.op === 'create') id = await createOnce(context, spec, container.name, [], signal);
  };
  const record = (): Promise<void> =>
    recordStep(site.store, instance, fence, {
      step: `start:${container.name}`,
      service: spec.name,
      details: { id, op: container.op },
    });
  // Of a crowd many wait side by side, and all would be created before any is started: there each does it in its turn.
  const created = request.crowd ? undefined : inCreation(request.service.rankMs, create);
  created?.catch(() => undefined);
  const start = async (mayStart: MayStart): Promise<void> => {
    stop.throwIfAborted();
    begins();
    await (created ?? create());
    await mayStart();
    const recorded = record();
    // Taking back stops what stood still before: it must know even of a start whose answer was lost. Others it removes.
    if (container.op === 'start') await recorded;
    await Promise.all([recorded, startContainer(context.engine, change, id, spec)]);
  };
  await inLane(request.service.rankMs, start, request.crowd);
  const startedAtMs = Date.now();
  await runPostStart(site, context, spec, id, signal);
  return { name: container.name, id, startedAtMs };
}

/** The old container is stopped and parked under another name until the operation is complete; a new one takes its place. */
async function replace(
  site: Site,
  context: OperationContext,
  spec: ServiceSpec,
  container: PlannedContainer,
  signal: AbortSignal,
): Promise<string> {
  const old = container.id === undefined ? undefined : await inspectContainer(context.engine, container.id);
  if (old) await parkContainer(site, context, old, spec, signal);
  return createOnce(context, spec, container.name, old?.volumes ?? [], signal);
}
