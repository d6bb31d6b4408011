import type { Engine } from '../adapters/docker/connect.ts';
import type { Change } from '../adapters/docker/change.ts';
import { observeProject } from '../adapters/docker/observe.ts';
import { networkHolders } from '../adapters/docker/network-holders.ts';
import { removeNetwork } from '../adapters/docker/networks.ts';
import { removeVolume } from '../adapters/docker/volumes.ts';
import { query } from '../adapters/store/connect.ts';
import { withFence } from '../adapters/store/fence.ts';
import { findInstance } from '../adapters/store/instances.ts';
import { closeParked, listParked } from '../adapters/store/parked.ts';
import { getSpec } from '../adapters/store/read-spec.ts';
import type { EngineCalls, OperationRef, TakenAway } from '../domain/deployment.ts';
import type { ObservedProject } from '../schema/observed.ts';
import { failureOf } from './failure.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContexts, Site } from './operation-context.ts';
import { takeAway } from './take-away.ts';

export interface TornDown {
  /** Containers by their names, then networks and volumes. */
  readonly done: readonly string[];
  /** Who was gone first comes first. Absent: of an old worker. */
  readonly services?: readonly TakenAway[];
  /** Of `done` what is no container. Absent: of an old worker. */
  readonly objects?: readonly string[];
  readonly volumes: readonly string[];
  readonly engineCalls: EngineCalls;
}

/** Dependants first: stops and removes every container of the project, then its networks, volumes only when asked. */
export async function teardownProject(
  site: Site,
  contexts: OperationContexts,
  request: OperationRef & { volumes: boolean },
): Promise<TornDown> {
  const row = await findInstance(site.store, request.instance);
  if (!row) throw failureOf({ code: 'DIVE-1001', what: `there is no instance ${request.instance}` });
  const [engine, labels] = await Promise.all([contexts.engine(request), contexts.labels(request)]);
  const spec = row.registered_spec ? await getSpec(site.store, row.registered_spec) : undefined;
  const change: Change = {
    labels,
    adopt: true,
    guard: (call) => withFence(site.store, request.instance, request.fence, call),
  };
  return withHeartbeat(
    async ({ say }) => {
      const now = await observeProject(engine, row.project, { oneOffs: true });
      const services = await takeAway(now.containers, {
        store: site.store,
        operation: request,
        engine,
        change,
        services: spec?.services ?? [],
        preStop: true,
        anonymousVolumes: request.volumes,
        say,
      });
      for (const n of now.networks) await removeNetwork(engine, change, n.id);
      const kept = request.volumes ? [] : now.volumes.map((v) => v.name);
      if (request.volumes) for (const v of now.volumes) await removeVolume(engine, change, v.name);
      for (const p of await listParked(site.store, request.instance))
        await closeParked(site.store, request.instance, p.container_id);
      await query(site.store, 'UPDATE instances SET release = NULL WHERE code = $1 AND fence = $2', [
        request.instance,
        request.fence,
      ]);
      await assertNothingLeft(engine, await observeProject(engine, row.project, { oneOffs: true }));
      const objects = [
        ...now.networks.map((n) => `network ${n.name}`),
        ...(request.volumes ? now.volumes.map((v) => `volume ${v.name}`) : []),
      ];
      const done = [...now.containers.map((c) => c.name), ...objects];
      const torn: TornDown = { done, services, objects, volumes: kept, engineCalls: { ...engine.counts } };
      contexts.forget(request);
      return torn;
    },
    { soon: true },
  );
}

/** @throws DIVE-1504 naming what stayed; of a network also who is attached to it */
async function assertNothingLeft(engine: Engine, left: ObservedProject): Promise<void> {
  const stays = [...left.containers.map((c) => c.name), ...left.networks.map((n) => `network ${n.name}`)];
  if (stays.length === 0) return;
  const why: string[] = [];
  const next: string[] = [];
  for (const n of left.networks) {
    const holders = await networkHolders(engine, n.id);
    if (!holders) continue;
    why.push(`${n.name}: ${holders.why}`);
    next.push(...holders.next);
  }
  throw failureOf({
    code: 'DIVE-1504',
    what: `still there: ${stays.join(', ')}`,
    ...(why.length > 0 && { why, next }),
  });
}
