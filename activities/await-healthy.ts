import { inspectContainer } from '../adapters/docker/inspect.ts';
import { chooseProbes, openingProbes } from '../adapters/probes/choose.ts';
import type { Probe } from '../adapters/probes/probe.ts';
import { recordStep } from '../adapters/store/steps.ts';
import type { OperationRef, PlannedService, ServiceVerdict } from '../domain/deployment.ts';
import type { FailureDetails } from '../domain/failures.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import { askAhead } from './ask-ahead.ts';
import { awaitContainer, type ContainerVerdict } from './await-container.ts';
import { failureOf } from './failure.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts, Site } from './operation-context.ts';
import type { Proof, Say } from './proofs.ts';
import { isRemediable, isRemedied, restartForHealth } from './remedy.ts';

export interface HealthRequest extends OperationRef {
  readonly service: PlannedService;
  readonly containers: readonly { readonly name: string; readonly id: string; readonly startedAtMs: number }[];
  /** It ends the critical path: when it is ready, everything should be. @default false */
  readonly isLast?: boolean;
}

/**
 * Waits until Compose's condition holds for every container of the service: healthy, or completed; joins the proof that
 * is under way. Throws the failure, and the reason of `stop` when that is aborted.
 */
export async function awaitHealthy(
  site: Site,
  contexts: OperationContexts,
  request: HealthRequest,
  stop?: AbortSignal,
): Promise<ServiceVerdict> {
  const context = await contexts.get(request);
  const proof = beginProof(site, context, request);
  return withHeartbeat(async (beat) => {
    const signal = stop === undefined ? beat.signal : AbortSignal.any([beat.signal, stop]);
    const end = (): void => proof.stop(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    proof.tell(beat.say);
    try {
      const verdict = await proof.verdict;
      const { probes } = await asked(context, request.service);
      const ids = request.containers.map((c) => c.id);
      askAhead(context, { ...request.service, isLast: request.isLast }, ids, probes);
      return verdict;
    } finally {
      signal.removeEventListener('abort', end);
    }
  });
}

/** Begins to wait for the health of what was started, unless that is being done or was done. Nobody waits here. */
export function beginProof(
  site: Site,
  context: OperationContext,
  { service, containers }: Pick<HealthRequest, 'service' | 'containers'>,
): Proof {
  return context.proofs.of(service.name, containers, (signal, say) =>
    prove(site, context, service, containers, signal, say),
  );
}

async function asked(
  context: OperationContext,
  service: PlannedService,
): Promise<{ readonly spec: ServiceSpec; readonly probes: readonly Probe[] }> {
  const spec = context.spec.services.find((s) => s.name === service.name);
  if (!spec) throw failureOf({ code: 'DIVE-1501', what: `the spec has no service ${service.name}` });
  return { spec, probes: chooseProbes(spec, await context.image(spec.image)) };
}

async function prove(
  site: Site,
  context: OperationContext,
  service: PlannedService,
  asStarted: HealthRequest['containers'],
  signal: AbortSignal,
  say: Say,
): Promise<ServiceVerdict> {
  const { spec, probes: all } = await asked(context, service);
  const probes = openingProbes(all);
  const wait = (containers: HealthRequest['containers']): Promise<ContainerVerdict[]> =>
    Promise.all(
      containers.map((c) =>
        awaitContainer(
          context,
          {
            service: service.name,
            id: c.id,
            probes,
            completes: service.completes,
            timeoutMs: service.timeoutMs,
            expectedMs: service.usualMs,
            sinceMs: c.startedAtMs || Date.now(),
          },
          signal,
          (answer, tries) =>
            say({ service: service.name, phase: 'probing', answer, ...(tries === undefined ? {} : { tries }) }),
        ),
      ),
    );
  let remedied = await isRemedied(site, context, spec);
  let containers = remedied ? await startTimes(context, asStarted) : asStarted;
  let verdicts = await wait(containers);
  const sick = verdicts.find((v) => !v.ok);
  if (sick && !remedied && isRemediable(spec, sick.failure?.code ?? 'DIVE-1204')) {
    say({ service: service.name, phase: 'starting', answer: `${sick.evidence}: restarted once` });
    containers = await restartForHealth(site, context, spec, containers, signal);
    remedied = true;
    verdicts = await wait(containers);
  }
  const bad = verdicts.find((v) => !v.ok);
  if (bad) throw failureOf(failureOfVerdict(bad, service.name, remedied));
  const durationMs = Math.max(0, ...verdicts.map((v) => v.durationMs));
  const first = verdicts[0];
  const evidence = `${first?.evidence ?? ''}${remedied ? ' (after one restart)' : ''}`;
  const kept = service.containers.every((c) => c.op === 'keep');
  const { instance, fence } = context.operation;
  const atMs = Date.now();
  await recordStep(site.store, instance, fence, {
    step: `healthy:${service.name}`,
    service: service.name,
    ...(kept ? {} : { durationMs }),
    details: { evidence, atMs },
  });
  say({ service: service.name, phase: 'healthy', answer: evidence, ms: durationMs });
  const started = containers.map((c, i) => ({ ...c, startedAtMs: verdicts[i]?.startedAtMs ?? c.startedAtMs }));
  const level = first?.level ?? 1;
  return { service: service.name, ok: true, level, evidence, durationMs, atMs, containers: started };
}

export interface HealthRequests extends OperationRef {
  readonly waits: readonly Omit<HealthRequest, keyof OperationRef>[];
}

function failureOfVerdict(verdict: ContainerVerdict, service: string, remedied: boolean): FailureDetails {
  const failure: FailureDetails = verdict.failure ?? { code: 'DIVE-1204', what: verdict.evidence, service };
  return remedied ? { ...failure, what: `${failure.what}; one restart did not help` } : failure;
}

/** As the engine knows them: a retried activity was told those of the first start. */
function startTimes(
  context: OperationContext,
  containers: HealthRequest['containers'],
): Promise<HealthRequest['containers']> {
  return Promise.all(
    containers.map(async (c) => ({
      ...c,
      startedAtMs: (await inspectContainer(context.engine, c.id))?.startedAtMs ?? c.startedAtMs,
    })),
  );
}
