import { observeProject } from '../adapters/docker/observe.ts';
import { chooseProbes } from '../adapters/probes/choose.ts';
import type { OperationRef, PlannedService, ServiceVerdict } from '../domain/deployment.ts';
import { awaitContainer } from './await-container.ts';
import type { ObservedProject } from '../schema/observed.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts } from './operation-context.ts';

export interface VerifyRequest extends OperationRef {
  readonly services: readonly Pick<PlannedService, 'name' | 'class' | 'completes' | 'timeoutMs'>[];
}

/** What was healthy a moment ago may need one more, but not its whole start-up time again. */
const PATIENCE_MS = 30_000;

/** Each service's deepest level, all at once. */
export async function verifyServices(
  contexts: OperationContexts,
  request: VerifyRequest,
): Promise<readonly ServiceVerdict[]> {
  const context = await contexts.get(request);
  const { containers } = await observeProject(context.engine, context.spec.project);
  return withHeartbeat((beat) =>
    Promise.all(
      request.services.map((service) =>
        verify(context, service, containers, beat.signal, (answer) =>
          beat.say({ service: service.name, phase: 'probing', answer }),
        ),
      ),
    ),
  );
}

async function verify(
  context: OperationContext,
  service: VerifyRequest['services'][number],
  containers: ObservedProject['containers'],
  signal: AbortSignal,
  say: (answer: string) => void,
): Promise<ServiceVerdict> {
  const spec = context.spec.services.find((s) => s.name === service.name);
  const wanted = new Set(spec?.containers.map((c) => c.name));
  if (!spec || wanted.size === 0)
    return { service: service.name, ok: true, level: 1, evidence: 'no container wanted', durationMs: 0 };
  // By name: a parked predecessor is of the same service and stands still on purpose.
  const ids = containers.filter((c) => wanted.has(c.name)).map((c) => c.id);
  if (ids.length < wanted.size) {
    const what = 'its container is gone';
    return {
      service: service.name,
      ok: false,
      level: 1,
      evidence: what,
      durationMs: 0,
      failure: { code: 'DIVE-1207', what, service: service.name },
    };
  }
  const probes = chooseProbes(spec, await context.image(spec.image));
  const timeoutMs = Math.min(PATIENCE_MS, service.timeoutMs);
  const verdicts = await Promise.all(
    ids.map((id) =>
      awaitContainer(
        context,
        {
          service: service.name,
          id,
          probes,
          completes: service.completes,
          timeoutMs,
          sinceMs: Date.now(),
          wasHealthy: true,
        },
        signal,
        say,
      ),
    ),
  );
  const worst = verdicts.find((v) => !v.ok) ?? verdicts[0];
  return {
    service: service.name,
    ok: worst?.ok ?? false,
    level: worst?.level ?? 1,
    evidence: worst?.evidence ?? '',
    durationMs: 0,
    ...(worst?.failure === undefined ? {} : { failure: worst.failure }),
  };
}
