import { planFacts } from '../adapters/docker/change-causes.ts';
import { memoryWarnings } from '../adapters/docker/memory.ts';
import { preflight } from '../adapters/docker/preflight.ts';
import { probeFindings } from '../adapters/probes/choose.ts';
import { placeFindings } from '../adapters/compose/place-findings.ts';
import { resolveProject } from '../adapters/compose/resolve.ts';
import { findInstance } from '../adapters/store/instances.ts';
import { adoptedStores, recordBefore } from '../adapters/store/operations.ts';
import { currentRelease } from '../adapters/store/releases.ts';
import { getSpec } from '../adapters/store/read-spec.ts';
import { putSpec } from '../adapters/store/specs.ts';
import { serviceHistory } from '../adapters/store/steps.ts';
import { assemblePlan } from '../domain/assemble-plan.ts';
import type { OperationRef, PlannedDeployment } from '../domain/deployment.ts';
import { sha256Hex } from '../schema/digest.ts';
import type { Finding } from '../schema/finding.ts';
import type { DeployOptions } from '../schema/inputs.ts';
import type { ProjectSpec } from '../schema/spec.ts';
import { closeWindows } from './close-windows.ts';
import { failureOf } from './failure.ts';
import { shortPlanId } from '../domain/names.ts';
import type { OperationContexts, Site } from './operation-context.ts';

export interface PlanRequest extends OperationRef {
  readonly spec: string | null;
  readonly options: DeployOptions;
}

/**
 * Compares what is wanted with what is there and freezes both in the operation's row.
 * Throws what keeps the plan from being carried out, before anything was touched.
 */
export async function planDeployment(
  site: Site,
  contexts: OperationContexts,
  request: PlanRequest,
): Promise<PlannedDeployment> {
  const digest = request.spec ?? (await readAgain(site, request.instance));
  const [project, engine, history, labels, release, adopted] = await Promise.all([
    getSpec(site.store, digest),
    contexts.engine(request),
    serviceHistory(site.store, request.instance),
    contexts.labels(request),
    currentRelease(site.store, request.instance),
    adoptedStores(site.store, request.instance),
  ]);
  await closeWindows(site, engine, request, labels);
  const stored = release && release.spec_digest !== digest ? await getSpec(site.store, release.spec_digest) : undefined;
  const { survey, facts } = await planFacts(engine, project, stored);
  const probes = project.services.map((s) => probeFindings(s, survey.images.get(s.image)));
  const plan = assemblePlan(project, digest, {
    warnings: probes.flatMap((p) => p.warnings.map((w) => w.message)),
    ...facts,
    history,
    build: request.options.build === true,
    pull: request.options.pull,
    timeoutMs: request.options.timeoutMs,
  });
  const wanted = request.options.planId;
  if (wanted !== undefined && wanted !== shortPlanId(sha256Hex(plan.canonical))) {
    throw failureOf({ code: 'DIVE-1009', what: `the plan is no longer ${wanted}: files or containers changed since` });
  }
  if (plan.deployment.changes > 0) {
    await refuse(
      probes.flatMap((p) => p.errors),
      project,
    );
    await refuse(
      await preflight(engine, project, survey, {
        storeId: labels['dive.store'] ?? '',
        adopt: request.options.adopt === true || adopted,
      }),
      project,
    );
  }
  await recordBefore(
    site.store,
    request.instance,
    request.fence,
    digest,
    survey.observed,
    request.options.adopt === true,
  );
  if (plan.deployment.changes === 0) return plan.deployment;
  const memory = await memoryWarnings(engine, project);
  return { ...plan.deployment, warnings: [...plan.deployment.warnings, ...memory.map((w) => w.message)] };
}

async function refuse(findings: readonly Finding[], project: ProjectSpec): Promise<void> {
  const [first, ...others] = await placeFindings(findings, project.source.files);
  if (!first) return;
  const place = placeOf(first);
  const why = [...(place === '' ? [] : [`${place}  ${first.path ?? ''}`]), ...others.map(textOf)];
  throw failureOf({ code: first.code, what: first.message, ...(why.length === 0 ? {} : { why }) });
}

function placeOf(finding: Finding): string {
  if (finding.file === undefined) return '';
  return finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
}

function textOf(finding: Finding): string {
  return [placeOf(finding), finding.code, finding.message].filter((part) => part !== '').join('  ');
}

/** A start without a stored plan (raw Temporal, the UI): the registered files, as they are now. */
async function readAgain(site: Site, instance: string): Promise<string> {
  const row = await findInstance(site.store, instance);
  if (!row?.registered_spec)
    throw failureOf({ code: 'DIVE-1001', what: `${instance} was never registered: run dive up in its folder` });
  const registered = await getSpec(site.store, row.registered_spec);
  const resolved = await resolveProject({ composeCommand: site.composeCommand, source: registered.source });
  switch (resolved.kind) {
    case 'resolved':
      return putSpec(site.store, withPaths(resolved.project, registered));
    case 'invalid': {
      const first = resolved.findings[0];
      throw failureOf({ code: first?.code ?? 'DIVE-1105', what: first?.message ?? 'the Compose file is not valid' });
    }
    case 'cyclic':
      throw failureOf({
        code: 'DIVE-1108',
        what: 'the dependencies of the services go round in circles: dive plan shows them',
      });
  }
}

/** The variables stored at the last resolve stay the ones of the next. */
function withPaths(project: ProjectSpec, registered: ProjectSpec): ProjectSpec {
  return { ...project, source: { ...project.source, environment: registered.source.environment } };
}
