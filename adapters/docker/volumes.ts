import type { VolumeSpec } from '../../schema/spec.ts';
import { ListedVolume, readAnswer } from './answers.ts';
import { refuseForeign, refuseNewer, type Change } from './change.ts';
import { EngineFailure } from './engine-failure.ts';
import { orNothing } from './inspect.ts';
import { merged } from './networks.ts';
import { part, send, type Wire } from './request.ts';

/** The volume and whether this call made it. */
export interface EnsuredVolume {
  readonly name: string;
  readonly created: boolean;
}

/**
 * Finds the volume or makes it. The engine answers 201 for one that is there already, so its labels decide.
 * @throws EngineFailure DIVE-1107 (external and missing), DIVE-1008 (another store's), or what `guard` throws
 */
export async function ensureVolume(engine: Wire, change: Change, spec: VolumeSpec): Promise<EnsuredVolume> {
  const found = await findVolume(engine, spec.name);
  if (found === undefined && (spec.external || spec.body === undefined)) {
    throw new EngineFailure('DIVE-1107', `the external volume ${spec.name} does not exist`);
  }
  if (found !== undefined) {
    if (!spec.external) refuseForeign(change, spec.name, found.Labels);
    return { name: spec.name, created: false };
  }
  const labels = merged(spec.body?.['Labels'], change.labels);
  const body = { ...spec.body, Name: spec.name, Labels: labels };
  const answer = await change.guard(() => send(engine, { method: 'POST', path: '/volumes/create', body }));
  const made = readAnswer(ListedVolume, answer);
  refuseForeign(change, spec.name, made.Labels);
  return { name: spec.name, created: Object.entries(labels).every(([key, value]) => made.Labels[key] === value) };
}

/**
 * Only when a person asked for it by name. One that is missing already is success.
 * @throws EngineFailure DIVE-1506 (made by a newer operation), DIVE-1201 (in use)
 */
export async function removeVolume(engine: Wire, change: Change, name: string): Promise<void> {
  const found = await findVolume(engine, name);
  if (found === undefined) return;
  refuseNewer(change, name, found.Labels);
  refuseForeign(change, name, found.Labels);
  await change.guard(() => orNothing(send(engine, { method: 'DELETE', path: `/volumes/${part(name)}` })));
}

async function findVolume(engine: Wire, name: string): Promise<ReturnType<typeof ListedVolume.parse> | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/volumes/${part(name)}` }));
  return answer === undefined ? undefined : readAnswer(ListedVolume, answer);
}
