// A network whose definition changed: away with it and made anew, as Compose does; and back again when the operation
// fails. Containers attached to it are parked first: the plan recreates every one of them.
import { z } from 'zod';
import {
  type Attachment,
  Attachment as AttachmentRow,
  attachAgain,
  attachmentOf,
  detach,
  inspectNetwork,
  makeAgain,
  NetworkDefinition,
  sameNetwork,
} from '../adapters/docker/network-changes.ts';
import { networkHolders } from '../adapters/docker/network-holders.ts';
import { ensureNetwork, removeNetwork } from '../adapters/docker/networks.ts';
import { getSealed, putSealed } from '../adapters/store/specs.ts';
import { listSteps, recordStep } from '../adapters/store/steps.ts';
import { rebuiltNetworks } from '../domain/object-changes.ts';
import type { ObservedContainer } from '../schema/observed.ts';
import type { NetworkSpec } from '../schema/spec.ts';
import { failureOf } from './failure.ts';
import type { OperationContext, Site } from './operation-context.ts';
import { parkContainer } from './park-container.ts';
import { dependantsFirst } from './together.ts';

const STEP = 'network:';
/** What is kept, encrypted, of a network before it goes. */
const Kept = z.object({ network: NetworkDefinition, attachments: z.array(AttachmentRow) });

/** Repeatable: goes on where an earlier attempt stopped. */
export async function rebuildNetworks(site: Site, context: OperationContext, signal: AbortSignal): Promise<void> {
  for (const network of rebuiltNetworks(context.spec, context.before)) await rebuild(site, context, network, signal);
}

async function rebuild(site: Site, context: OperationContext, spec: NetworkSpec, signal: AbortSignal): Promise<void> {
  const { engine, operation } = context;
  const had = context.before.networks.find((n) => n.name === spec.name);
  const network = await inspectNetwork(engine, spec.name);
  if (network !== undefined && network.Id === had?.id) {
    const attached = context.before.containers.filter((c) => c.networks.includes(spec.name));
    const attachments = await Promise.all(attached.map((c) => attachmentOf(engine, c.id, spec.name)));
    // Recorded before anything is touched; what an earlier attempt recorded stays.
    const kept = { network, attachments: attachments.filter((a): a is NonNullable<typeof a> => a !== undefined) };
    await recordStep(site.store, operation.instance, operation.fence, {
      step: `${STEP}${spec.name}`,
      details: { kept: await putSealed(site.store, JSON.stringify(kept)) },
    });
    await parkAll(site, context, attached, signal);
    for (const c of attached) await detach(engine, context.change(signal), spec.name, c.id);
    if (!(await removeNetwork(engine, context.change(signal), network.Id))) {
      const holders = await networkHolders(engine, network.Id);
      throw failureOf({
        code: 'DIVE-1113',
        what: `the network ${spec.name} cannot be made anew: somebody is attached to it`,
        ...(holders && { why: [holders.why], next: [...holders.next, 'dive up'] }),
      });
    }
  }
  await ensureNetwork(engine, context.change(signal), spec);
}

/** Each service as soon as nobody runs that needs it. */
async function parkAll(
  site: Site,
  context: OperationContext,
  containers: readonly ObservedContainer[],
  signal: AbortSignal,
): Promise<void> {
  const { services } = context.spec;
  const present = [...new Set(containers.map((c) => c.service))];
  await dependantsFirst(services, present, async (name) => {
    const spec = services.find((s) => s.name === name);
    if (!spec) return;
    const own = containers.filter((c) => c.service === name);
    await Promise.all(own.map((c) => parkContainer(site, context, c, spec, signal)));
  });
}

/** Brings back the networks that the operation took away, with everybody attached as before. Lines of what was done. */
export async function restoreNetworks(site: Site, context: OperationContext): Promise<string[]> {
  const { instance, fence } = context.operation;
  const steps = (await listSteps(site.store, instance, fence)).filter((s) => s.step.startsWith(STEP));
  const done: string[] = [];
  for (const step of steps) {
    const kept = Kept.parse(JSON.parse(await getSealed(site.store, String(step.details['kept']))));
    const isBack = await restore(context, kept.network, kept.attachments);
    if (isBack) done.push(`brought back network ${kept.network.Name}`);
  }
  return done;
}

async function restore(
  context: OperationContext,
  was: NetworkDefinition,
  attachments: readonly Attachment[],
): Promise<boolean> {
  const { engine } = context;
  const change = context.change();
  let now = await inspectNetwork(engine, was.Name);
  if (now && context.isMine({ labels: now.Labels })) {
    await removeNetwork(engine, change, now.Id);
    now = undefined;
  }
  const isMade = now === undefined;
  const id = now?.Id ?? (await makeAgain(engine, change, was));
  for (const a of attachments) await attachAgain(engine, change, { id, name: was.Name }, a);
  const after = await inspectNetwork(engine, was.Name);
  if (after === undefined || !sameNetwork(after, was)) {
    throw failureOf({ code: 'DIVE-1504', what: `the network ${was.Name} came back, but not as it was` });
  }
  return isMade;
}
