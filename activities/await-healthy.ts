import { inspectImage } from '../adapters/docker/inspect.ts';
import { chooseProbes, openingProbes } from '../adapters/probes/choose.ts';
import { recordStep } from '../adapters/store/steps.ts';
import type { OperationRef, PlannedService, ServiceVerdict } from '../domain/deployment.ts';
import { awaitContainer } from './await-container.ts';
import { failureOf } from './failure.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContexts, Site } from './operation-context.ts';

export interface HealthRequest extends OperationRef {
  readonly service: PlannedService;
  readonly containers: readonly { readonly name: string; readonly id: string; readonly startedAtMs: number }[];
}

/** Waits until Compose's condition holds for every container of the service: healthy, or completed. Throws otherwise. */
export async function awaitHealthy(
  site: Site,
  contexts: OperationContexts,
  request: HealthRequest,
): Promise<ServiceVerdict> {
  const context = await contexts.get(request);
  const { service } = request;
  const spec = context.spec.services.find((s) => s.name === service.name);
  if (!spec) throw failureOf({ code: 'DIVE-1501', what: `the spec has no service ${service.name}` });
  const image = await inspectImage(context.engine, spec.image);
  const probes = openingProbes(chooseProbes(spec, image));
  return withHeartbeat(async (beat) => {
    const verdicts = await Promise.all(
      request.containers.map((c) =>
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
          beat.signal,
          (answer, tries) => beat.say({ service: service.name, phase: 'probing', answer, tries }),
        ),
      ),
    );
    const bad = verdicts.find((v) => !v.ok);
    if (bad) throw failureOf(bad.failure ?? { code: 'DIVE-1204', what: bad.evidence, service: service.name });
    const durationMs = Math.max(0, ...verdicts.map((v) => v.durationMs));
    const first = verdicts[0];
    const kept = service.containers.every((c) => c.op === 'keep');
    await recordStep(site.store, request.instance, request.fence, {
      step: `healthy:${service.name}`,
      service: service.name,
      ...(kept ? {} : { durationMs }),
      details: { evidence: first?.evidence ?? '', atMs: Date.now() },
    });
    return { service: service.name, ok: true, level: first?.level ?? 1, evidence: first?.evidence ?? '', durationMs };
  });
}
