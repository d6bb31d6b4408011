// On the way back: what was put aside gets its name and its life again.
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { renameContainer, startContainer } from '../adapters/docker/start-container.ts';
import { type ParkedRow, closeParked, listParked } from '../adapters/store/parked.ts';
import { getSpec } from '../adapters/store/read-spec.ts';
import { currentRelease } from '../adapters/store/releases.ts';
import { levels } from '../domain/graph.ts';
import type { Returned } from '../domain/deployment.ts';
import type { ObservedContainer } from '../schema/observed.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import { askWhoStayed } from './ask-who-stayed.ts';
import { inLane } from './engine-lanes.ts';
import type { Beat } from './heartbeat.ts';
import { runPostStart } from './hooks.ts';
import type { OperationContext, Site } from './operation-context.ts';
import { wasSick, whyUnwell } from './whether-well.ts';

/** For all of them together. Who needs longer goes on without being waited for, and is named. */
const LONGEST_MS = 120_000;

export interface BroughtBack {
  readonly containers: readonly ParkedRow[];
  readonly returned: readonly Returned[];
}

/** The windows of one service, and how far it is. */
interface Returning {
  readonly started: Promise<unknown>;
  /** Healthy, or not for so long that nobody waits for it any more. */
  readonly through: Promise<Returned>;
}

/**
 * Every container that is parked gets its name back, and starts again if it ran, once those are through that it depends
 * on; that one of them cannot be started keeps no other from coming back. Ends when all are through, and those were asked
 * that stayed and need them. Repeatable.
 * @throws what the engine said of the first that could not be renamed or started, when all others have ended
 */
export async function bringBack(
  site: Site,
  context: OperationContext,
  { say, signal }: Pick<Beat, 'say' | 'signal'>,
): Promise<BroughtBack> {
  const { instance } = context.operation;
  const windows = await listParked(site.store, instance);
  if (windows.length === 0) return { containers: [], returned: [] };
  const release = await currentRelease(site.store, instance);
  const before = (release && (await getSpec(site.store, release.spec_digest))) ?? context.spec;
  const there = await takeNamesBack(context, windows);
  const deadlineMs = Date.now() + LONGEST_MS;
  const begun = new Map<string, Returning>();
  const begin = (service: string): Returning => {
    const spec = before.services.find((s) => s.name === service);
    const needed = (spec?.dependsOn ?? []).flatMap((d) => {
      const one = begun.get(d.service);
      return one === undefined ? [] : [d.condition === 'service_started' ? one.started : one.through];
    });
    const own = there.filter((w) => w.service === service);
    const running = own.filter((w) => w.was_running);
    const started = Promise.allSettled(needed).then(() =>
      Promise.all(running.map((w) => inLane(0, () => wake(site, context, spec, w)))),
    );
    const through = started.then(async (): Promise<Returned> => {
      const was = (w: ParkedRow): ObservedContainer | undefined =>
        context.before.containers.find((c) => c.id === w.container_id);
      const ids = running.filter((w) => !wasSick(was(w))).map((w) => w.container_id);
      say({ service, phase: 'returning' });
      const why = spec && (await whyUnwell(context, { release: before, spec, ids, deadlineMs }, { say, signal }));
      for (const w of own) await closeParked(site.store, instance, w.container_id);
      if (why !== undefined)
        return { service, phase: 'degraded', evidence: `was started again and is not healthy: ${why}` };
      say({ service, phase: 'restored' });
      return { service, phase: 'restored' };
    });
    return { started, through };
  };
  const level = levels(before.services);
  const services = [...new Set(there.map((w) => w.service))];
  for (const name of services.sort((a, b) => (level.get(a) ?? 0) - (level.get(b) ?? 0))) begun.set(name, begin(name));
  const all = [...begun.values()].map((one) => one.through);
  await Promise.allSettled(all);
  const returned = await Promise.all(all);
  const stayed = await askWhoStayed(context, before, services, { say, signal });
  return { containers: there, returned: [...returned, ...stayed] };
}

/** All before any is started: they find each other by their names. Those that are gone are passed over. */
async function takeNamesBack(context: OperationContext, windows: readonly ParkedRow[]): Promise<ParkedRow[]> {
  const there: ParkedRow[] = [];
  for (const w of windows) {
    const parked = await inspectContainer(context.engine, w.container_id);
    if (!parked) continue;
    if (parked.name !== w.name) await renameContainer(context.engine, context.change(), parked.id, w.name);
    there.push(w);
  }
  return there;
}

/** Its files are in it still; its commands are those of the release it belongs to. */
async function wake(site: Site, context: OperationContext, spec: ServiceSpec | undefined, w: ParkedRow): Promise<void> {
  await startContainer(context.engine, context.change(), w.container_id);
  if (spec) await runPostStart(site, context, spec, w.container_id);
}
