import { observeProject } from '../adapters/docker/observe.ts';
import { chooseProbes } from '../adapters/probes/choose.ts';
import type { Probe } from '../adapters/probes/probe.ts';
import type { OperationRef, PlannedService, ServiceVerdict } from '../domain/deployment.ts';
import { awaitContainer } from './await-container.ts';
import type { ObservedProject } from '../schema/observed.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { GoodAnswer, OperationContext, OperationContexts } from './operation-context.ts';

export interface VerifyRequest extends OperationRef {
  readonly services: readonly Pick<PlannedService, 'name' | 'class' | 'completes' | 'timeoutMs'>[];
}

/** What was healthy a moment ago may need one more, but not its whole start-up time again. */
const PATIENCE_MS = 30_000;
/** An answer of this age is an answer of now: the deaths since are watched. */
const FRESH_MS = 5000;

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
  const present = containers.filter((c) => wanted.has(c.name));
  const ids = present.map((c) => c.id);
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
  const known = answeredJustNow(context, present, probes);
  if (known) return { service: service.name, ok: true, level: known.level, evidence: known.evidence, durationMs: 0 };
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

/** Every container of the service runs and has given its deepest answer a moment ago; the oldest of these answers. */
function answeredJustNow(
  context: OperationContext,
  containers: ObservedProject['containers'],
  probes: readonly Probe[],
): GoodAnswer | undefined {
  const deepest = Math.max(0, ...probes.map((p) => p.level));
  const answers = containers.map((c) => (c.state === 'running' ? context.goodAnswers.get(c.id) : undefined));
  const isFresh = (a: GoodAnswer | undefined): a is GoodAnswer =>
    a !== undefined && a.level >= deepest && Date.now() - a.atMs <= FRESH_MS;
  if (!answers.every(isFresh)) return undefined;
  return answers.toSorted((a, b) => a.atMs - b.atMs)[0];
}
