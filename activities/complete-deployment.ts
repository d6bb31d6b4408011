import { isDeepStrictEqual } from 'node:util';
import { observeProject } from '../adapters/docker/observe.ts';
import { removeContainer } from '../adapters/docker/remove-container.ts';
import { stopContainer } from '../adapters/docker/stop-container.ts';
import { chooseProbes, httpPorts } from '../adapters/probes/choose.ts';
import { findInstance } from '../adapters/store/instances.ts';
import { closeOperation } from '../adapters/store/operations.ts';
import { closeParked, listParked } from '../adapters/store/parked.ts';
import { currentRelease, recordRelease, type ReleaseRow } from '../adapters/store/releases.ts';
import { transition } from '../adapters/store/transition.ts';
import { addressesOf, publishedPorts, wantedPorts } from '../domain/addresses.ts';
import type { Completed, OperationRef } from '../domain/deployment.ts';
import { completes } from '../domain/one-shot.ts';
import type { ObservedProject } from '../schema/observed.ts';
import { failureOf } from './failure.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts, Site } from './operation-context.ts';
import { parkContainer } from './park-container.ts';

export interface CompleteRequest extends OperationRef {
  readonly degraded: readonly string[];
  readonly changed: readonly string[];
}

/** The last comparison, the release, COMPLETE, and only then the end of what was replaced. */
export async function completeDeployment(
  site: Site,
  contexts: OperationContexts,
  request: CompleteRequest,
): Promise<Completed> {
  const { store } = site;
  const context = await contexts.get(request);
  return withHeartbeat(async ({ signal }) => {
    const state = (await findInstance(store, request.instance))?.state;
    let observed = await observeProject(context.engine, context.spec.project);
    // A retried activity finds COMPLETE: only the tidying is left.
    if (state !== 'COMPLETE') {
      if (await parkSurplus(site, context, observed, signal))
        observed = await observeProject(context.engine, context.spec.project);
      compare(context, observed, request.degraded);
    }
    const replaced = await listParked(store, request.instance);
    const containers = observed.containers
      .filter((c) => !replaced.some((p) => p.container_id === c.id))
      .map(({ name, service, id, imageId, configHash }) => ({ name, service, id, imageId, configHash }));
    const made = { fence: request.fence, spec_digest: context.specDigest, containers, changed: [...request.changed] };
    const current = await currentRelease(store, request.instance);
    const before = current && current.fence !== request.fence && isSame(current, made) ? current : undefined;
    const release = before?.number ?? (await recordRelease(store, request.instance, made));
    await transition(store, request.instance, request.fence, 'COMPLETE');
    for (const p of replaced) {
      await stopContainer(context.engine, context.change(signal), p.container_id, { timeoutS: 10 });
      await removeContainer(context.engine, context.change(signal), p.container_id);
      await closeParked(store, request.instance, p.container_id);
    }
    const completed = await finish(site, contexts, context, release, before ? 'unchanged' : 'up', observed);
    return before ? { ...completed, isAsBefore: true } : completed;
  });
}

type Made = Pick<ReleaseRow, 'spec_digest' | 'containers' | 'changed'>;

/** As after a pull that brought nothing new. */
function isSame(current: Made, made: Made): boolean {
  const sorted = (r: Made): Made['containers'] => r.containers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const isSpec = current.spec_digest === made.spec_digest;
  return isSpec && made.changed.length === 0 && isDeepStrictEqual(sorted(current), sorted(made));
}

/** Nothing was changed: the operation ends, no release is written. */
export async function completeUnchanged(
  site: Site,
  contexts: OperationContexts,
  request: OperationRef,
): Promise<Completed> {
  const [context, row] = await Promise.all([contexts.get(request), findInstance(site.store, request.instance)]);
  return finish(site, contexts, context, row?.release ?? 0, 'unchanged');
}

async function finish(
  site: Site,
  contexts: OperationContexts,
  context: OperationContext,
  release: number,
  outcome: string,
  observed?: ObservedProject,
): Promise<Completed> {
  const completed: Completed = {
    release,
    engineCalls: { ...context.engine.counts },
    addresses: reachable(context, observed),
  };
  await closeOperation(site.store, context.operation.instance, context.operation.fence, { outcome, result: completed });
  contexts.forget(context.operation);
  return completed;
}

/** Containers beyond the wanted number; they come back if something still fails. Were there any? */
async function parkSurplus(
  site: Site,
  context: OperationContext,
  now: ObservedProject,
  signal: AbortSignal,
): Promise<boolean> {
  const { instance } = context.operation;
  const services = new Map(context.spec.services.map((s) => [s.name, s]));
  const parked = new Set((await listParked(site.store, instance)).map((p) => p.container_id));
  let any = false;
  for (const c of now.containers) {
    const spec = services.get(c.service);
    if (!spec || parked.has(c.id) || spec.containers.some((w) => w.name === c.name)) continue;
    await parkContainer(site, context, c, spec, signal);
    any = true;
  }
  return any;
}

/** Every wanted container stands under its name and runs, or has done its work. */
function compare(context: OperationContext, observed: ObservedProject, degraded: readonly string[]): void {
  for (const service of context.spec.services) {
    if (degraded.includes(service.name)) continue;
    for (const wanted of service.containers) {
      const has = observed.containers.find((c) => c.name === wanted.name);
      if (!has)
        throw failureOf({
          code: 'DIVE-1207',
          what: `${wanted.name} is gone: somebody removed it meanwhile`,
          service: service.name,
        });
      const done = has.state === 'exited' && has.exitCode === 0 && completes(service, context.spec) !== 'no';
      if (has.state === 'paused')
        throw failureOf({ code: 'DIVE-1206', what: `${wanted.name} is paused`, service: service.name });
      if (has.state !== 'running' && !done) {
        throw failureOf({
          code: 'DIVE-1202',
          what: `${wanted.name} is ${has.state}${has.exitCode === undefined ? '' : ` (${has.exitCode})`}`,
          service: service.name,
        });
      }
    }
  }
}

/** Published addresses: as they are when somebody looked, else those that the files name. */
function reachable(context: OperationContext, observed: ObservedProject | undefined): Completed['addresses'] {
  return context.spec.services.flatMap((s) => {
    const ports = observed
      ? publishedPorts(observed.containers, s.name)
      : wantedPorts(s.body.HostConfig['PortBindings']);
    return addressesOf(ports, httpPorts(chooseProbes(s))).map((url) => ({ service: s.name, url }));
  });
}
