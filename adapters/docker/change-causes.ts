// Why containers whose hash is not the wanted one differ: by the stored spec they were made from, else by inspection.
import { availableParallelism } from 'node:os';
import type { PlanInputs } from '../../domain/assemble-plan.ts';
import { describeChange } from '../../domain/describe-change.ts';
import { configHash } from '../../schema/container-body.ts';
import type { ObservedContainer } from '../../schema/observed.ts';
import type { ProjectSpec, ServiceSpec } from '../../schema/spec.ts';
import { rebuiltNetworks } from '../../domain/object-changes.ts';
import { orNothing } from './inspect.ts';
import { inspectNetwork, networkChange } from './network-changes.ts';
import { comparedKeys, ImageConfig, InspectedBody } from './observed-keys.ts';
import { part, send, type Wire } from './request.ts';
import { firstIds, surveyProject, type Survey } from './survey.ts';

/** What `assemblePlan` is told of the engine: the same in a deployment, in `dive plan` here and for another site. */
export type EngineFacts = Pick<
  PlanInputs,
  'observed' | 'configHash' | 'imageId' | 'taggedAtMs' | 'nowMs' | 'changed' | 'changedNetworks' | 'cores'
>;

/**
 * Looks at everything a plan compares with. `stored` is the spec of the release that runs, where it is known: it is
 * awaited late. @throws EngineFailure DIVE-1601, DIVE-1006
 */
export async function planFacts(
  engine: Wire,
  project: ProjectSpec,
  stored: ProjectSpec | undefined | Promise<ProjectSpec | undefined>,
): Promise<{ readonly survey: Survey; readonly facts: EngineFacts }> {
  const survey = await surveyProject(engine, project);
  const [changed, changedNetworks] = await Promise.all([
    changeCauses(engine, project, survey, await stored),
    networkCauses(engine, project, survey),
  ]);
  const imageId = new Map([...survey.images].map(([reference, info]) => [reference, info?.id]));
  const tagged = [...survey.images].flatMap(([reference, info]): [string, number][] =>
    info?.taggedAtMs === undefined ? [] : [[reference, info.taggedAtMs]],
  );
  return {
    survey,
    facts: {
      observed: survey.observed,
      configHash: survey.configHash,
      imageId,
      taggedAtMs: new Map(tagged),
      nowMs: Date.now(),
      changed,
      changedNetworks,
      // Of this machine, as for the lanes: to ask the engine would cost more than it is worth.
      cores: availableParallelism(),
    },
  };
}

/** What changed in the definition of each network that has another hash, by its name. */
async function networkCauses(engine: Wire, project: ProjectSpec, survey: Survey): Promise<Map<string, string>> {
  const found = await Promise.all(
    rebuiltNetworks(project, survey.observed).map(async (network): Promise<[string, string][]> => {
      const has = await inspectNetwork(engine, network.name);
      const cause = has && networkChange(has, network);
      return cause === undefined ? [] : [[network.name, cause]];
    }),
  );
  return new Map(found.flat());
}

/**
 * What changed, by container id; containers of which nothing can be said are left out. Two reading calls at most for
 * a container of which `stored`, the spec of the release that runs, does not know the hash.
 */
async function changeCauses(
  engine: Wire,
  project: ProjectSpec,
  survey: Survey,
  stored: ProjectSpec | undefined,
): Promise<Map<string, string>> {
  const ids = Object.fromEntries(firstIds(survey.observed));
  const found = await Promise.all(
    survey.observed.containers.map(async (container): Promise<[string, string][]> => {
      const service = project.services.find((s) => s.name === container.service);
      const wanted = survey.configHash.get(container.service);
      if (!service || wanted === undefined || wanted === container.configHash) return [];
      const before = stored?.services.find((s) => s.name === container.service);
      const cause =
        before !== undefined && hashOf(before, ids) === container.configHash
          ? describeChange(keysOf(before), keysOf(service))
          : await inspectedCause(engine, container, service);
      return cause === undefined ? [] : [[container.id, cause]];
    }),
  );
  return new Map(found.flat());
}

function hashOf(service: ServiceSpec, ids: Readonly<Record<string, string>>): string | undefined {
  return service.sharesWith.every((s) => Object.hasOwn(ids, s)) ? configHash(service, ids) : undefined;
}

/** The hash input is what Compose compares: every difference in it, and no other, is a cause. */
function keysOf(service: ServiceSpec): Readonly<Record<string, unknown>> {
  const keys: unknown = JSON.parse(service.hashInput);
  // A service that is only built has its image's name nowhere in the file.
  return typeof keys === 'object' && keys !== null ? { ...keys, image: service.image } : {};
}

async function inspectedCause(
  engine: Wire,
  container: ObservedContainer,
  service: ServiceSpec,
): Promise<string | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/containers/${part(container.id)}/json` }));
  const inspected = InspectedBody.safeParse(answer);
  if (!inspected.success) return undefined;
  const image = await orNothing(send(engine, { method: 'GET', path: `/images/${part(inspected.data.Image)}/json` }));
  const { before, now } = comparedKeys(
    inspected.data,
    service,
    image === undefined ? undefined : ImageConfig.safeParse(image).data,
  );
  return describeChange(before, now);
}
