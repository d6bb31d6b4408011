// Desired against observed: what has to be done to each container, and why. Pure; hashes come ready-made.
import type { PullOption } from '../schema/inputs.ts';
import type { PlanOperation } from '../schema/plan.ts';
import type { ObservedContainer, ObservedProject } from '../schema/observed.ts';
import type { ProjectSpec, ServiceSpec } from '../schema/spec.ts';
import { LABELS } from './names.ts';
import { levels } from './graph.ts';
import { completes } from './one-shot.ts';
import { rebuiltNetworks } from './object-changes.ts';

/** What must be known about the world to compare; made by the activity or the command. */
export interface PlanFacts {
  readonly observed: ObservedProject;
  /** Compose's config hash a service would have now; undefined when it shares a namespace with something not there yet. */
  readonly configHash: ReadonlyMap<string, string | undefined>;
  /** Local image id by reference; undefined when the image is not local. */
  readonly imageId: ReadonlyMap<string, string | undefined>;
  /** How long ago each reference was last pulled, milliseconds; absent where nobody knows. */
  readonly pullAgeMs?: ReadonlyMap<string, number>;
  /** Expected time from start to healthy by service, milliseconds. */
  readonly expectedMs: ReadonlyMap<string, number>;
  /** Build even what is there. */
  readonly build: boolean;
  /** Of all that is pulled, instead of their own policy. */
  readonly pull?: PullOption | undefined;
  /** What differs in the configuration, by container id; absent where nothing is known of it. */
  readonly changed?: ReadonlyMap<string, string>;
  /** What differs in the definition, by name of the network. */
  readonly changedNetworks?: ReadonlyMap<string, string>;
}

export type ContainerOp = 'create' | 'recreate' | 'start' | 'restart' | 'remove' | 'keep';

export interface ContainerPlan {
  readonly service: string;
  readonly container: string;
  readonly number: number;
  readonly op: ContainerOp;
  readonly cause: string;
  /** Present unless `create`. */
  readonly id?: string;
}

function short(imageId: string): string {
  return imageId.replace(/^sha256:/, '').slice(0, 12);
}

/** Why this container cannot stay as it is; undefined when it can. */
function reasonToReplace(spec: ServiceSpec, has: ObservedContainer, facts: PlanFacts): string | undefined {
  const wanted = facts.configHash.get(spec.name);
  if (wanted === undefined) return 'shares a namespace with a container that is new';
  if (wanted !== has.configHash) return facts.changed?.get(has.id) ?? 'configuration changed';
  const image = facts.imageId.get(spec.image);
  if (image === undefined) return `image ${spec.image} is not here yet`;
  if (image !== has.imageId) return `image ${spec.image}: ${short(has.imageId)} → ${short(image)}`;
  const uploads = has.labels[LABELS.specHash];
  if (uploads !== undefined && spec.uploads.length > 0 && uploads !== spec.uploadsDigest)
    return 'content of a secret or config changed';
  // Compose asks this of running ones only; starting one that is off its network would give it no alias there.
  const absent = spec.endpoints.find((e) => !has.networks.includes(e.network));
  return absent && `not attached to network ${absent.network}`;
}

function planContainer(
  spec: ServiceSpec,
  name: string,
  number: number,
  project: ProjectSpec,
  facts: PlanFacts,
): ContainerPlan {
  const has = facts.observed.containers.find((c) => c.service === spec.name && c.number === number && c.name === name);
  const base = { service: spec.name, container: name, number };
  if (!has) return { ...base, op: 'create', cause: 'not there' };
  const reason = reasonToReplace(spec, has, facts);
  if (reason) return { ...base, op: 'recreate', cause: reason, id: has.id };
  if (has.state === 'running' || has.state === 'paused' || has.state === 'restarting') {
    return { ...base, op: 'keep', cause: 'unchanged', id: has.id };
  }
  if (has.state === 'exited' && has.exitCode === 0 && completes(spec, project) !== 'no') {
    return { ...base, op: 'keep', cause: 'completed', id: has.id };
  }
  return {
    ...base,
    op: 'start',
    cause: has.state === 'created' ? 'created, never started' : `stopped (${has.state})`,
    id: has.id,
  };
}

const REPLACES: ReadonlySet<ContainerOp> = new Set(['create', 'recreate']);

/** One entry for each container, desired ones in the order of the project, then those that go. */
export function planContainers(project: ProjectSpec, facts: PlanFacts): ContainerPlan[] {
  const plans = project.services.flatMap((s) =>
    s.containers.map((c) => planContainer(s, c.name, c.number, project, facts)),
  );
  const rebuilt = new Map(rebuiltNetworks(project, facts.observed).map((n) => [n.name, n.key]));
  for (const [i, p] of plans.entries()) {
    if (REPLACES.has(p.op)) continue;
    const spec = project.services.find((s) => s.name === p.service);
    const network = spec?.endpoints.map((e) => rebuilt.get(e.network)).find((key) => key !== undefined);
    if (network !== undefined) plans[i] = { ...p, op: 'recreate', cause: `network ${network} is made anew` };
  }
  const byService = (name: string): ContainerPlan[] => plans.filter((p) => p.service === name);
  // Whoever shares a namespace with a replaced container holds its id and must be made anew; to a fixed point.
  for (let changed = true; changed;) {
    changed = false;
    for (const spec of project.services) {
      const culprit = spec.sharesWith.find((s) => byService(s).some((p) => REPLACES.has(p.op)));
      if (!culprit) continue;
      for (const p of byService(spec.name)) {
        if (REPLACES.has(p.op)) continue;
        plans[plans.indexOf(p)] = { ...p, op: 'recreate', cause: `shares a namespace with ${culprit}` };
        changed = true;
      }
    }
  }
  for (const spec of project.services) {
    const culprit = spec.dependsOn.find((d) => d.restart && byService(d.service).some((p) => p.op === 'recreate'));
    if (!culprit) continue;
    for (const p of byService(spec.name)) {
      if (p.op === 'keep')
        plans[plans.indexOf(p)] = { ...p, op: 'restart', cause: `depends on ${culprit.service} with restart: true` };
    }
  }
  const wanted = new Set(plans.map((p) => p.container));
  const services = new Set(project.services.map((s) => s.name));
  const surplus = facts.observed.containers.filter((c) => services.has(c.service) && !wanted.has(c.name));
  return [
    ...plans,
    ...surplus.map((c): ContainerPlan => ({
      service: c.service,
      container: c.name,
      number: c.number,
      op: 'remove',
      cause: 'more than wanted',
      id: c.id,
    })),
  ];
}

export interface ImagePlan {
  readonly image: string;
  readonly services: string[];
  readonly how: 'pull' | 'build';
  readonly cause: string;
  /** It is not here, and must not be pulled. */
  readonly never?: true;
}

/** Why an image is pulled that is here; undefined when it is not. */
function pullCause(service: ServiceSpec, facts: PlanFacts): string | undefined {
  if (facts.pull !== undefined) return facts.pull === 'always' ? 'asked for' : undefined;
  if (service.pullPolicy === 'always') return 'pull_policy: always';
  const { refresh } = service;
  const ageMs = facts.pullAgeMs?.get(service.image) ?? Number.POSITIVE_INFINITY;
  return refresh !== undefined && ageMs > refresh.afterMs ? `pull_policy: ${refresh.policy}` : undefined;
}

/** References that must be brought before anything starts: pulled or built, each once. */
export function planImages(project: ProjectSpec, facts: PlanFacts): ImagePlan[] {
  const found = new Map<string, ImagePlan>();
  for (const s of project.services) {
    const local = facts.imageId.get(s.image) !== undefined;
    const how = s.build ? 'build' : 'pull';
    const policy = facts.pull ?? s.pullPolicy;
    const never = !local && how === 'pull' && policy === 'never';
    const cause = !local
      ? `not here${never ? ', and must not be pulled' : ''}`
      : s.build
        ? (facts.build || s.pullPolicy === 'build') && 'build asked for'
        : pullCause(s, facts);
    if (!cause) continue;
    const known = found.get(s.image);
    if (known) known.services.push(s.name);
    else found.set(s.image, { image: s.image, services: [s.name], how, cause, ...(never ? { never } : {}) });
  }
  return [...found.values()];
}

/** The whole plan as `dive plan` shows it. `keep` entries are part of it. */
export function planOperations(
  project: ProjectSpec,
  containers: readonly ContainerPlan[],
  facts: PlanFacts,
): PlanOperation[] {
  const level = levels(project.services);
  const networks = new Set(facts.observed.networks.map((n) => n.name));
  const volumes = new Set(facts.observed.volumes.map((v) => v.name));
  const outside = { dependsOn: [], level: 0, expectedMs: 0, reversible: true };
  const objects = [
    ...project.networks
      .filter((n) => !n.external && !networks.has(n.name))
      .map((n) => ({ op: 'network' as const, service: n.key, target: n.name })),
    ...project.volumes
      .filter((v) => !v.external && !volumes.has(v.name))
      .map((v) => ({ op: 'volume' as const, service: v.key, target: v.name })),
  ].map((o): PlanOperation => ({
    ...outside,
    ...o,
    id: `${o.op}:${o.target}`,
    cause: 'not there',
    reversible: o.op === 'network',
  }));
  const rebuilds = rebuiltNetworks(project, facts.observed).map((n): PlanOperation => ({
    ...outside,
    id: `rebuild:${n.name}`,
    op: 'rebuild',
    service: n.key,
    target: n.name,
    cause: `network: ${facts.changedNetworks?.get(n.name) ?? 'definition changed'}`,
  }));
  const images = planImages(project, facts).map((i): PlanOperation => ({
    ...outside,
    id: `${i.how}:${i.image}`,
    op: i.how,
    service: i.services[0] ?? '',
    target: i.image,
    cause: i.cause,
  }));
  const specs = new Map(project.services.map((s) => [s.name, s]));
  return [
    ...images,
    ...objects,
    ...rebuilds,
    ...containers.map((c): PlanOperation => ({
      id: `${c.op}:${c.container}`,
      op: c.op,
      service: c.service,
      target: c.container,
      cause: c.cause,
      dependsOn: (specs.get(c.service)?.dependsOn ?? []).map((d) => d.service),
      level: level.get(c.service) ?? 0,
      expectedMs: c.op === 'keep' || c.op === 'remove' ? 0 : (facts.expectedMs.get(c.service) ?? 0),
      reversible: true,
    })),
  ];
}

/** Does carrying this out change anything? */
export function isChange(operation: Pick<PlanOperation, 'op'>): boolean {
  return operation.op !== 'keep';
}
