// A network whose definition changed cannot be altered: it is taken away and made anew, and may have to come back.
import { z } from 'zod';
import { COMPOSE_LABELS } from '../../domain/names.ts';
import { describeChange } from '../../domain/describe-change.ts';
import type { NetworkSpec } from '../../schema/spec.ts';
import { Created, Labels, readAnswer } from './answers.ts';
import type { Change } from './change.ts';
import { connectNetwork } from './create-container.ts';
import { answered } from './engine-failure.ts';
import { orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';

/** What is needed to make the very same network again. */
export const NetworkDefinition = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Internal: z.boolean().default(false),
  Attachable: z.boolean().default(false),
  EnableIPv6: z.boolean().default(false),
  Options: Labels,
  IPAM: z.object({
    Driver: z.string().default('default'),
    Config: z
      .array(z.record(z.string(), z.unknown()))
      .nullish()
      .transform((pools) => pools ?? []),
  }),
  Labels,
  /** Running containers attached, by id. */
  Containers: z
    .record(z.string(), z.object({ Name: z.string() }))
    .nullish()
    .transform((containers) => containers ?? {}),
});
export type NetworkDefinition = z.infer<typeof NetworkDefinition>;

/** How one container was attached. */
export const Attachment = z.object({ containerId: z.string(), settings: z.record(z.string(), z.unknown()) });
export type Attachment = z.infer<typeof Attachment>;

const Attached = z.object({
  Id: z.string(),
  NetworkSettings: z.object({
    Networks: z
      .record(
        z.string(),
        z.object({
          NetworkID: z.string(),
          Aliases: z.array(z.string()).nullish(),
          Links: z.array(z.string()).nullish(),
          IPAMConfig: z.record(z.string(), z.unknown()).nullish(),
          DriverOpts: z.record(z.string(), z.string()).nullish(),
        }),
      )
      .nullish(),
  }),
});

export async function inspectNetwork(engine: Wire, ref: string): Promise<NetworkDefinition | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/networks/${part(ref)}` }));
  if (answer === undefined) return undefined;
  const found = readAnswer(NetworkDefinition, answer);
  return found.Name === ref || found.Id === ref ? found : undefined;
}

/** The network exactly as it was, with its own labels and addresses. @returns its new id */
export async function makeAgain(engine: Wire, change: Change, was: NetworkDefinition): Promise<string> {
  const { Id: _id, Containers: _containers, ...body } = was;
  const call = { method: 'POST' as const, path: '/networks/create', body: { ...body, CheckDuplicate: true } };
  return readAnswer(Created, await change.guard(() => send(engine, call))).Id;
}

/** undefined when there is no such container, or it is not attached. */
export async function attachmentOf(
  engine: Wire,
  containerId: string,
  network: string,
): Promise<(Attachment & { readonly networkId: string }) | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/containers/${part(containerId)}/json` }));
  if (answer === undefined) return undefined;
  const found = readAnswer(Attached, answer);
  const endpoint = new Map(Object.entries(found.NetworkSettings.Networks ?? {})).get(network);
  if (endpoint === undefined) return undefined;
  const { NetworkID: networkId, Aliases: aliases, ...rest } = endpoint;
  // The engine adds the short id itself.
  const own = (aliases ?? []).filter((alias) => !found.Id.startsWith(alias) || alias.length < 12);
  const settings = { ...Object.fromEntries(Object.entries(rest).filter(([, v]) => v)), Aliases: own };
  return { containerId: found.Id, networkId, settings };
}

/** Takes a stopped container off a network, also one that is gone. Not attached is success. */
export async function detach(engine: Wire, change: Change, network: string, containerId: string): Promise<void> {
  const body = { Container: containerId, Force: true };
  try {
    await change.guard(() =>
      orNothing(send(engine, { method: 'POST', path: `/networks/${part(network)}/disconnect`, body })),
    );
  } catch (error) {
    if (!(error instanceof Error) || !/is not connected to/i.test(error.message)) throw error;
  }
}

/** Attaches a container as it was; one attached to this very network already stays. */
export async function attachAgain(
  engine: Wire,
  change: Change,
  network: { readonly id: string; readonly name: string },
  was: Attachment,
): Promise<void> {
  const now = await attachmentOf(engine, was.containerId, network.name);
  if (now?.networkId === network.id) return;
  if (now !== undefined) await detach(engine, change, network.name, was.containerId);
  try {
    await connectNetwork(engine, change, was.containerId, { network: network.name, settings: was.settings });
  } catch (error) {
    // The container went meanwhile; the comparison at the end says so.
    if (!answered(error, 404)) throw error;
  }
}

/** Same in everything but its id? */
export function sameNetwork(a: NetworkDefinition, b: NetworkDefinition): boolean {
  const text = ({ Id: _id, Containers: _containers, ...rest }: NetworkDefinition): string => JSON.stringify(rest);
  return text(a) === text(b);
}

/** `ipam changed · internal added`: what the file says now against what is there. */
export function networkChange(has: NetworkDefinition, wanted: NetworkSpec): string | undefined {
  const body = wanted.body ?? {};
  const ipam = body['IPAM'];
  const pools = typeof ipam === 'object' && ipam !== null && 'Config' in ipam ? ipam.Config : undefined;
  return describeChange(
    {
      driver: has.Driver,
      internal: has.Internal,
      attachable: has.Attachable,
      enable_ipv6: has.EnableIPv6,
      driver_opts: has.Options,
      // Without pools in the file the engine picks one.
      ...(pools === undefined ? {} : { ipam: withoutEmpty(has.IPAM.Config, pools) }),
      labels: ownLabels(has.Labels),
    },
    {
      driver: body['Driver'] || has.Driver,
      internal: body['Internal'] === true,
      attachable: body['Attachable'] === true,
      enable_ipv6: body['EnableIPv6'] === true,
      driver_opts: body['Options'] ?? {},
      ...(pools === undefined ? {} : { ipam: pools }),
      labels: ownLabels(body['Labels']),
    },
  );
}

/** Keys of a pool that the file leaves to the engine do not count. */
function withoutEmpty(has: readonly Record<string, unknown>[], wanted: unknown): unknown {
  const pools: readonly unknown[] = Array.isArray(wanted) ? wanted : [];
  return has.map((pool, i) => {
    const said = pools[i];
    return Object.fromEntries(
      Object.entries(pool).filter(([key]) => typeof said === 'object' && said !== null && key in said),
    );
  });
}

function ownLabels(labels: unknown): Record<string, unknown> {
  if (typeof labels !== 'object' || labels === null) return {};
  const compose = COMPOSE_LABELS.project.replace(/project$/, '');
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => !name.startsWith(compose) && !/^dive\.(store|op|fence)$/.test(name)),
  );
}
