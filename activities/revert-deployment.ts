import { observeProject } from '../adapters/docker/observe.ts';
import { networkHolders } from '../adapters/docker/network-holders.ts';
import { removeNetwork } from '../adapters/docker/networks.ts';
import { stopContainer } from '../adapters/docker/stop-container.ts';
import { changesEnded } from '../adapters/store/fence.ts';
import { listSteps } from '../adapters/store/steps.ts';
import { differences } from '../domain/compare-observed.ts';
import type { OperationRef, Returned, Reverted, TakenAway } from '../domain/deployment.ts';
import { shortList } from '../domain/short-list.ts';
import type { ObservedContainer, ObservedProject } from '../schema/observed.ts';
import { bringBack } from './bring-back.ts';
import { type Beat, withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts, Site } from './operation-context.ts';
import { restoreNetworks } from './rebuild-networks.ts';
import { killedAfter } from './stop-timed.ts';
import { takeAway } from './take-away.ts';

/**
 * Takes back what this operation did: its containers and networks go, parked ones get name and life back, started ones
 * stop. Volumes stay and are named. Ends with a comparison of now and before. Repeatable.
 */
export async function revertDeployment(
  site: Site,
  contexts: OperationContexts,
  operation: OperationRef,
): Promise<Reverted> {
  const context = await contexts.get(operation);
  // Activities of the way forward hear of it with their next heartbeat only.
  context.end();
  return withHeartbeat(
    async (beat) => {
      // What the engine is doing for them at this moment must be there to be seen.
      await changesEnded(site.store, operation.instance);
      const now = await observeProject(context.engine, context.spec.project);
      const made = now.containers.filter(context.isMine);
      const gone = await removeMade(site, context, made, beat.say);
      const networks = await restoreNetworks(site, context);
      const { containers, returned } = await bringBack(site, context, beat);
      const stopped = await stopStarted(site, context, now, beat.say);
      const done = [
        ...line('removed', made),
        ...networks,
        ...line('brought back', containers),
        ...line('stopped', stopped).map((text) => `${text} again`),
        ...(await removeNetworks(context, now)),
      ];
      const services = new Map<string, Returned>([
        ...gone.map(({ service }) => [service, { service, phase: 'removed' }] as const),
        ...returned.map((r) => [r.service, r] as const),
        ...stopped.map(({ service }) => [service, { service, phase: 'restored' }] as const),
      ]);
      const after = await observeProject(context.engine, context.spec.project);
      const found = differences(context.before, after);
      const reverted: Reverted = {
        exact: found.length === 0,
        differences: found,
        done,
        services: [...services.values()],
        volumes: after.volumes.filter(context.isMine).map((v) => v.name),
        engineCalls: { ...context.engine.counts },
      };
      contexts.forget(operation);
      return reverted;
    },
    { soon: true },
  );
}

/** Anonymous volumes go with their containers: nobody could find them again. */
async function removeMade(
  site: Site,
  context: OperationContext,
  made: readonly ObservedContainer[],
  say: Beat['say'],
): Promise<TakenAway[]> {
  return takeAway(made, {
    store: site.store,
    operation: context.operation,
    engine: context.engine,
    change: context.change(),
    services: context.spec.services,
    preStop: false,
    anonymousVolumes: true,
    say,
  });
}

/** What was done to containers, where there were any. */
function line(what: string, containers: readonly { readonly name: string }[]): string[] {
  return containers.length === 0 ? [] : [`${what} ${shortList(containers.map((c) => c.name))}`];
}

/** Containers that stood still before and were only started by this operation; gives those that ran. */
async function stopStarted(
  site: Site,
  context: OperationContext,
  now: ObservedProject,
  say: Beat['say'],
): Promise<ObservedContainer[]> {
  const steps = await listSteps(site.store, context.operation.instance, context.operation.fence);
  const still = new Map(
    context.before.containers.filter((c) => c.state !== 'running' && c.state !== 'restarting').map((c) => [c.id, c]),
  );
  // A start is recorded before it is asked for, and may never have been.
  const runs = new Set(now.containers.filter((c) => c.state !== 'exited' && c.state !== 'created').map((c) => c.id));
  const stopped: ObservedContainer[] = [];
  for (const step of steps.filter((s) => s.step.startsWith('start:') && s.details['op'] === 'start')) {
    const container = still.get(String(step.details['id']));
    if (!container || container.state === 'paused') continue;
    const timeoutS = context.spec.services.find((s) => s.name === container.service)?.stopTimeoutS ?? 10;
    say({ service: container.service, phase: 'stopping', answer: killedAfter(timeoutS) });
    await stopContainer(context.engine, context.change(), container.id, { timeoutS });
    say({ service: container.service, phase: 'restored' });
    if (runs.has(container.id)) stopped.push(container);
  }
  return stopped;
}

async function removeNetworks(context: OperationContext, now: ObservedProject): Promise<string[]> {
  const hadBefore = new Set(context.before.networks.map((n) => n.name));
  const made = now.networks.filter((n) => context.isMine(n) && !hadBefore.has(n.name));
  const removed: string[] = [];
  const stayed: string[] = [];
  for (const n of made) {
    if (await removeNetwork(context.engine, context.change(), n.id)) removed.push(n.name);
    else {
      const holders = await networkHolders(context.engine, n.id);
      stayed.push(...(holders ? [`network ${n.name}: ${holders.why}`, ...holders.next] : []));
    }
  }
  return [...(removed.length === 0 ? [] : [`removed network ${shortList(removed)}`]), ...stayed];
}
