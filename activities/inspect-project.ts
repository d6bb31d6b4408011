// The plan of an instance on this site's engine, by reading calls alone: what `dive plan` makes itself for its own engine.
import { planFacts } from '../adapters/docker/change-causes.ts';
import { connectEngine } from '../adapters/docker/connect.ts';
import { memoryWarnings } from '../adapters/docker/memory.ts';
import { preflight } from '../adapters/docker/preflight.ts';
import { probeFindings } from '../adapters/probes/choose.ts';
import { storeId } from '../adapters/store/instances.ts';
import { adoptedStores } from '../adapters/store/operations.ts';
import { currentRelease } from '../adapters/store/releases.ts';
import { getSpec } from '../adapters/store/read-spec.ts';
import { serviceHistory } from '../adapters/store/steps.ts';
import { assemblePlan } from '../domain/assemble-plan.ts';
import type { Inspection } from '../domain/deployment.ts';
import { shortPlanId } from '../domain/names.ts';
import { sha256Hex } from '../schema/digest.ts';
import { InspectInput } from '../schema/inputs.ts';
import { failureOf } from './failure.ts';
import type { Site } from './operation-context.ts';

/** Throws DIVE-1104 for an input of another shape; everything else that is wrong is part of the plan. */
export async function inspectProject(site: Site, input: unknown): Promise<Inspection> {
  const parsed = InspectInput.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw failureOf({ code: 'DIVE-1104', what: `the input is not valid: ${issue?.path.join('.')} ${issue?.message}` });
  }
  const { instance, spec, build, pull, adopt } = parsed.data;
  const { store } = site;
  const [project, engine, history, release, id, adopted] = await Promise.all([
    getSpec(store, spec),
    connectEngine(site.engine),
    serviceHistory(store, instance),
    currentRelease(store, instance),
    storeId(store),
    adoptedStores(store, instance),
  ]);
  const stored = release && (await getSpec(store, release.spec_digest));
  const { survey, facts } = await planFacts(engine, project, stored);
  const plan = assemblePlan(project, spec, {
    ...facts,
    history,
    build: build === true,
    pull,
  });
  const probes = project.services.map((s) => probeFindings(s, survey.images.get(s.image)));
  const blocked =
    plan.deployment.changes === 0
      ? []
      : await preflight(engine, project, survey, { storeId: id, adopt: adopt === true || adopted });
  const memory = plan.deployment.changes === 0 ? [] : await memoryWarnings(engine, project);
  return {
    plan: {
      version: 1,
      instance,
      planId: shortPlanId(sha256Hex(plan.canonical)),
      operations: [...plan.operations],
      criticalPath: [...plan.deployment.criticalPath],
      criticalPathMs: plan.deployment.criticalPathMs,
      away: [...plan.away],
      warnings: [...plan.findings, ...memory, ...probes.flatMap((p) => p.warnings)],
      errors: [...probes.flatMap((p) => p.errors), ...blocked],
    },
    engineCalls: { ...engine.counts },
  };
}
