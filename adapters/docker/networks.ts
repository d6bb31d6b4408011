// Networks and volumes: the objects containers need before they can be created.
import type { NetworkSpec } from '../../schema/spec.ts';
import { Created, ListedNetwork, readAnswer } from './answers.ts';
import { refuseForeign, refuseNewer, type Change } from './change.ts';
import { answered, EngineFailure } from './engine-failure.ts';
import { orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';

const NETWORK_LABEL = 'com.docker.compose.network';

/** The network and whether this call made it. */
export interface EnsuredNetwork {
  readonly id: string;
  readonly name: string;
  readonly created: boolean;
}

/**
 * Finds the network or makes it.
 * @throws EngineFailure DIVE-1003 (external and missing), DIVE-1008 (somebody else's), or what `guard` throws
 */
export async function ensureNetwork(engine: Wire, change: Change, spec: NetworkSpec): Promise<EnsuredNetwork> {
  const found = await findNetwork(engine, spec.name);
  if (found !== undefined) return accept(change, spec, found);
  if (spec.external || spec.body === undefined) {
    throw new EngineFailure('DIVE-1003', `the external network ${spec.name} does not exist`);
  }
  const body = {
    ...spec.body,
    Name: spec.name,
    CheckDuplicate: true,
    Labels: merged(spec.body['Labels'], change.labels),
  };
  try {
    const answer = await change.guard(() => send(engine, { method: 'POST', path: '/networks/create', body }));
    return { id: readAnswer(Created, answer).Id, name: spec.name, created: true };
  } catch (error) {
    // Somebody was faster, or our own earlier call arrived although its answer did not.
    const existing = answered(error, 409) ? await findNetwork(engine, spec.name) : undefined;
    if (existing === undefined) throw error;
    return accept(change, spec, existing);
  }
}

/** @throws EngineFailure DIVE-1506 when a newer operation made it. A network in use stays and answers `false`. */
export async function removeNetwork(engine: Wire, change: Change, ref: string): Promise<boolean> {
  const found = await findNetwork(engine, ref);
  if (found === undefined) return true;
  refuseNewer(change, found.Name, found.Labels);
  refuseForeign(change, found.Name, found.Labels);
  try {
    await change.guard(() => orNothing(send(engine, { method: 'DELETE', path: `/networks/${part(found.Id)}` })));
    return true;
  } catch (error) {
    if (answered(error, 403)) return false;
    throw error;
  }
}

/** By name or id; another network whose id happens to begin so does not count. */
async function findNetwork(engine: Wire, ref: string): Promise<ReturnType<typeof ListedNetwork.parse> | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/networks/${part(ref)}` }));
  if (answer === undefined) return undefined;
  const found = readAnswer(ListedNetwork, answer);
  return found.Name === ref || found.Id === ref ? found : undefined;
}

/** Compose itself refuses a network whose label names another key; a foreign project is only worth a warning to it. */
function accept(change: Change, spec: NetworkSpec, found: ReturnType<typeof ListedNetwork.parse>): EnsuredNetwork {
  if (!spec.external) {
    refuseForeign(change, spec.name, found.Labels);
    const key = found.Labels[NETWORK_LABEL];
    if (key !== spec.key && change.adopt !== true) {
      const owner = key === undefined ? 'was not made by Compose' : `belongs to the network ${key} of another project`;
      throw new EngineFailure('DIVE-1008', `the network ${spec.name} exists and ${owner}`);
    }
  }
  return { id: found.Id, name: found.Name, created: false };
}

/** Labels of the file first, ours over them. */
export function merged(labels: unknown, ours: Readonly<Record<string, string>>): Record<string, string> {
  const theirs = typeof labels === 'object' && labels !== null ? Object.entries(labels) : [];
  return { ...Object.fromEntries(theirs.map(([key, value]) => [key, String(value)])), ...ours };
}
