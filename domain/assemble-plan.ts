// From what is wanted and what is there to the plan of an operation: the same for `dive plan` and for the workflow.
import { type Away, servicesAway } from './away.ts';
import type { PlannedDeployment, PlannedService } from './deployment.ts';
import { criticalPath, remainingMs, startsMs } from './critical-path.ts';
import { completes } from './one-shot.ts';
import { type ContainerPlan, type PlanFacts, isChange, planContainers, planImages, planOperations } from './plan.ts';
import { volumeWarnings } from './object-changes.ts';
import { expectedMs, expectedStopMs, timeoutMs } from './timing.ts';
import type { Finding } from '../schema/finding.ts';
import type { PullOption } from '../schema/inputs.ts';
import type { PlanOperation } from '../schema/plan.ts';
import type { ObservedProject } from '../schema/observed.ts';
import type { ProjectSpec } from '../schema/spec.ts';

/** Of earlier operations, by service, newest first, milliseconds. */
export interface ServiceHistory {
  /** From start to healthy. */
  readonly healthyMs: ReadonlyMap<string, readonly number[]>;
  /** From the wish to stop to the end. */
  readonly stoppedMs: ReadonlyMap<string, readonly number[]>;
  /** When each image was last pulled, by its reference, milliseconds since 1970. */
  readonly pulledAtMs: ReadonlyMap<string, number>;
}

/** Of a service that is deployed for the first time, or where nobody remembers. */
export const NO_HISTORY: ServiceHistory = {
  healthyMs: new Map(),
  stoppedMs: new Map(),
  pulledAtMs: new Map(),
};

export interface PlanInputs {
  readonly observed: ObservedProject;
  readonly configHash: ReadonlyMap<string, string | undefined>;
  readonly imageId: ReadonlyMap<string, string | undefined>;
  /** When the engine last gave each reference its image, as far as it knows, milliseconds since 1970. */
  readonly taggedAtMs?: ReadonlyMap<string, number>;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly history: ServiceHistory;
  readonly build: boolean;
  readonly pull?: PullOption | undefined;
  /** Processors that the engine has: so many starts go on side by side. */
  readonly cores: number;
  readonly changed?: ReadonlyMap<string, string>;
  readonly changedNetworks?: ReadonlyMap<string, string>;
  readonly warnings?: readonly string[];
  /** `--timeout`, milliseconds. */
  readonly timeoutMs?: number | undefined;
}

export interface AssembledPlan {
  readonly deployment: PlannedDeployment;
  readonly operations: readonly PlanOperation[];
  /** Services with published ports that go away meanwhile. */
  readonly away: readonly Away[];
  /** What to know before it is carried out. */
  readonly findings: readonly Finding[];
  /** Hash this for the plan's id. */
  readonly canonical: string;
}

/**
 * What every change takes beside its starts: planning, networks, the last look at everything. Seen: 8.0 s where the
 * services of the README's example and their starts make 7.4.
 */
const AROUND_MS = 500;

/** `spec`: digest of the project, carried through. */
export function assemblePlan(project: ProjectSpec, spec: string, inputs: PlanInputs): AssembledPlan {
  const history = (name: string): readonly number[] => inputs.history.healthyMs.get(name) ?? [];
  const expected = new Map(project.services.map((s) => [s.name, expectedMs(s, history(s.name))]));
  const facts: PlanFacts = { ...inputs, expectedMs: expected, pullAgeMs: pullAges(inputs) };
  const containers = planContainers(project, facts);
  const operations = planOperations(project, containers, facts);
  const changing = new Map(
    project.services.map((s) => [
      s.name,
      containers.some((c) => c.service === s.name && c.op !== 'keep' && c.op !== 'remove')
        ? (expected.get(s.name) ?? 0)
        : 0,
    ]),
  );
  const stopMs = new Map(
    containers
      .filter((c) => c.op === 'recreate' || c.op === 'restart')
      .map((c) => [c.service, expectedStopMs(inputs.history.stoppedMs.get(c.service) ?? [])]),
  );
  const path = criticalPath(project.services, changing, stopMs);
  const starts = containers.filter((c) => c.op !== 'keep' && c.op !== 'remove').length;
  const rank = remainingMs(project.services, expected, stopMs);
  const services = project.services.map((s): PlannedService => {
    const usual = history(s.name).length > 0 ? expected.get(s.name) : undefined;
    return {
      name: s.name,
      containers: containers.filter((c) => c.service === s.name && c.op !== 'remove').map(slim),
      dependsOn: s.dependsOn.map(({ service, condition, required }) => ({ service, condition, required })),
      class: s.class,
      completes: completes(s, project),
      expectedMs: expected.get(s.name) ?? 0,
      ...(usual === undefined ? {} : { usualMs: usual }),
      timeoutMs: timeoutMs(s.image, history(s.name), s.options.timeoutMs, inputs.timeoutMs, s.options.settleMs),
      rankMs: rank.get(s.name) ?? 0,
    };
  });
  const findings = volumeWarnings(project, inputs.observed);
  return {
    operations,
    findings,
    away: servicesAway(project, inputs.observed, containers, changing, stopMs),
    canonical: canonical(spec, inputs, operations),
    deployment: {
      spec,
      services,
      surplus: containers.filter((c) => c.op === 'remove').map((c) => ({ ...slim(c), service: c.service })),
      images: planImages(project, facts).map(({ cause: _cause, ...image }) => image),
      objects: operations.filter((o) => ['network', 'rebuild', 'volume'].includes(o.op)).length,
      changes: operations.filter(isChange).length,
      summary: summarise(operations),
      warnings: [...(inputs.warnings ?? []), ...findings.map((f) => f.message)],
      criticalPath: path.services.filter((name) => (changing.get(name) ?? 0) > 0),
      criticalPathMs: starts === 0 ? 0 : AROUND_MS + Math.max(path.ms, startsMs(starts, inputs.cores)),
    },
  };
}

/** By what the engine knows and by what we remember: some engines note what is tagged there, and not what is pulled. */
function pullAges({ history, taggedAtMs = new Map(), nowMs }: PlanInputs): Map<string, number> {
  const lastMs = new Map(taggedAtMs);
  for (const [image, ms] of history.pulledAtMs) lastMs.set(image, Math.max(ms, lastMs.get(image) ?? 0));
  return new Map([...lastMs].map(([image, ms]) => [image, nowMs - ms]));
}

function slim(c: ContainerPlan): PlannedService['containers'][number] {
  return { name: c.container, number: c.number, op: c.op, cause: c.cause, ...(c.id === undefined ? {} : { id: c.id }) };
}

/** "1 to create, 1 to recreate, 4 stay as they are"; counts containers. */
export function summarise(operations: readonly PlanOperation[]): string {
  const count = (...ops: string[]): number => operations.filter((o) => ops.includes(o.op)).length;
  const parts: [number, string][] = [
    [count('pull'), 'to pull'],
    [count('build'), 'to build'],
    [count('rebuild'), 'network to make anew'],
    [count('create'), 'to create'],
    [count('recreate'), 'to recreate'],
    [count('start'), 'to start'],
    [count('restart'), 'to restart'],
    [count('remove'), 'to remove'],
  ];
  const shown = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  const kept = count('keep');
  if (kept > 0) shown.push(`${kept} ${kept === 1 ? 'stays as it is' : 'stay as they are'}`);
  return shown.length === 0 ? 'nothing to do' : shown.join(', ');
}

/**
 * Desired and observed state in one text. Times and health are left out, they move by themselves; so are causes, which
 * are said better where more is known.
 */
function canonical(spec: string, { observed, imageId }: PlanInputs, operations: readonly PlanOperation[]): string {
  return JSON.stringify([
    spec,
    observed.containers.map((c) => [c.id, c.name, c.state]),
    observed.networks.map((n) => n.id),
    observed.volumes.map((v) => v.name),
    [...imageId].map(([reference, id]) => [reference, id ?? null]),
    operations.map((o) => o.id),
  ]);
}
