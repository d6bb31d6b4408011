import { observeContainers } from '../adapters/docker/observe.ts';
import { chooseProbes } from '../adapters/probes/choose.ts';
import { moveThrough } from '../adapters/store/transition.ts';
import type { OperationRef, PlannedService, ServiceVerdict, StartedService } from '../domain/deployment.ts';
import type { InstanceState } from '../domain/states.ts';
import { askedAhead } from './ask-ahead.ts';
import { type ContainerVerdict, awaitContainer } from './await-container.ts';
import { isMereRun } from './keeps-running.ts';
import type { ObservedProject } from '../schema/observed.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContext, OperationContexts, Site } from './operation-context.ts';
import { isRemediable, isRemedied, restartForHealth } from './remedy.ts';

export interface VerifyRequest extends OperationRef {
  readonly services: readonly (Pick<PlannedService, 'name' | 'class' | 'completes' | 'timeoutMs'> & {
    /** It was waited for in this operation; if its policy had restarted it since, its death was heard. @default false */
    readonly settled?: boolean;
  })[];
  /** As of `prepareProject`. @default [] */
  readonly through?: readonly InstanceState[];
  /** Nothing else changes in this operation, and nobody watches for deaths. */
  readonly mayRestart?: boolean;
}

/** What was healthy a moment ago may need one more, but not its whole start-up time again. */
const PATIENCE_MS = 30_000;

/** Where a restart may mend it, that is tried early: others wait for it. */
const PATIENCE_BEFORE_RESTART_MS = 8_000;

const STILL_RUNS: ContainerVerdict = { ok: true, evidence: 'running, no check', level: 2, durationMs: 0 };

/** Each service's deepest level, all at once. A sick one with `x-dive.remediation: restart` is restarted once. */
export async function verifyServices(
  site: Site,
  contexts: OperationContexts,
  request: VerifyRequest,
): Promise<readonly ServiceVerdict[]> {
  const context = await contexts.get(request);
  const [containers] = await Promise.all([
    observeContainers(context.engine, context.spec.project),
    moveThrough(site.store, request, request.through ?? []),
  ]);
  return withHeartbeat((beat) =>
    Promise.all(
      request.services.map((service) =>
        verify(site, context, service, request.mayRestart === true, containers, beat.signal, (answer) =>
          beat.say({ service: service.name, phase: 'probing', answer }),
        ),
      ),
    ),
  );
}

async function verify(
  site: Site,
  context: OperationContext,
  service: VerifyRequest['services'][number],
  mayRestart: boolean,
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
  const running = new Set(containers.filter((c) => c.state === 'running').map((c) => c.id));
  const probes = chooseProbes(spec, await context.image(spec.image));
  const wait = (patienceMs: number, wasHealthy: boolean): Promise<ContainerVerdict[]> => {
    const timeoutMs = Math.min(patienceMs, service.timeoutMs);
    const more = { probes, completes: service.completes, timeoutMs, sinceMs: Date.now(), wasHealthy };
    return Promise.all(
      ids.map(async (id) => {
        // That it keeps running was proven before: it has to run, and nothing else.
        if (wasHealthy && service.settled && running.has(id) && isMereRun(probes)) return STILL_RUNS;
        const early = wasHealthy && running.has(id) ? await askedAhead(context, id) : undefined;
        if (early) return { ok: true, evidence: early.evidence, level: early.level, durationMs: 0 };
        return awaitContainer(context, { service: service.name, id, ...more }, signal, say);
      }),
    );
  };
  const remediable = mayRestart && spec.options.remediation === 'restart' && !(await isRemedied(site, context, spec));
  let verdicts = await wait(remediable ? PATIENCE_BEFORE_RESTART_MS : PATIENCE_MS, true);
  const sick = verdicts.find((v) => !v.ok);
  let restarted: StartedService['containers'] | undefined;
  if (remediable && sick && isRemediable(spec, sick.failure?.code ?? 'DIVE-1204')) {
    say(`${sick.evidence}: restarted once`);
    const found = containers.filter((c) => wanted.has(c.name)).map((c) => ({ name: c.name, id: c.id, startedAtMs: 0 }));
    restarted = await restartForHealth(site, context, spec, found, signal);
    verdicts = await wait(service.timeoutMs, false);
  }
  const worst = verdicts.find((v) => !v.ok) ?? verdicts[0];
  return {
    service: service.name,
    ok: worst?.ok ?? false,
    level: worst?.level ?? 1,
    evidence: worst?.evidence ?? '',
    durationMs: 0,
    ...(worst?.failure === undefined ? {} : { failure: worst.failure }),
    ...(restarted && { containers: restarted }),
  };
}
