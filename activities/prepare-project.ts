import { ensureNetwork } from '../adapters/docker/networks.ts';
import { ensureVolume } from '../adapters/docker/volumes.ts';
import { moveThrough } from '../adapters/store/transition.ts';
import type { OperationRef, Turn } from '../domain/deployment.ts';
import { remainingMs } from '../domain/critical-path.ts';
import type { InstanceState } from '../domain/states.ts';
import { expectedMs } from '../domain/timing.ts';
import { createOnce } from './create-once.ts';
import { giveWay, inLaneAhead } from './engine-lanes.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContexts, Site } from './operation-context.ts';
import { rebuildNetworks } from './rebuild-networks.ts';
import { allOrNone } from './together.ts';

export interface PrepareRequest extends OperationRef {
  /** The states that the instance is in from here on, each a step after the one before. @default [] */
  readonly through?: readonly InstanceState[];
}

/** Networks and volumes of the project; what is there stays, but for networks whose definition changed. */
export async function prepareProject(site: Site, contexts: OperationContexts, request: PrepareRequest): Promise<void> {
  const context = await contexts.get(request);
  await withHeartbeat(async ({ signal }) => {
    await moveThrough(site.store, request, request.through ?? []);
    const change = context.change(signal);
    const hasNetwork = new Set(context.before.networks.map((n) => n.name));
    const hasVolume = new Set(context.before.volumes.map((v) => v.name));
    await rebuildNetworks(site, context, signal);
    // One after the other: the engine gives networks their addresses under one lock anyway.
    const networks = async (): Promise<void> => {
      for (const n of context.spec.networks)
        if (n.external || !hasNetwork.has(n.name)) await ensureNetwork(context.engine, change, n);
    };
    const volumes = context.spec.volumes
      .filter((v) => v.external || !hasVolume.has(v.name))
      .map((v) => () => ensureVolume(context.engine, change, v));
    await allOrNone<unknown>([networks, ...volumes]);
  });
}

export interface AheadRequest extends OperationRef {
  /** After the starts of the same moment: they have hands free for them. */
  readonly turn?: Turn;
}

/** Creates the containers that are not there and have to wait, while those they wait for are started. */
export async function createAhead(contexts: OperationContexts, request: AheadRequest): Promise<void> {
  const context = await contexts.get(request);
  const there = new Set(context.before.containers.map((c) => c.name));
  const rank = remainingMs(
    context.spec.services,
    new Map(context.spec.services.map((s) => [s.name, expectedMs(s, [])])),
  );
  const missing = context.spec.services
    // Who waits for nobody is created by its own start, at this very moment.
    .filter((s) => s.sharesWith.length === 0 && s.dependsOn.length > 0)
    .flatMap((s) => s.containers.filter((c) => !there.has(c.name)).map((c) => ({ service: s, name: c.name })));
  await withHeartbeat(async (beat) => {
    const signal = AbortSignal.any([beat.signal, context.over]);
    if (request.turn) await giveWay(request, request.turn, signal);
    await Promise.all(
      missing.map(({ service, name }) =>
        inLaneAhead(rank.get(service.name) ?? 0, () => {
          signal.throwIfAborted();
          return createOnce(context, service, name, [], signal);
        }),
      ),
    );
  });
}
