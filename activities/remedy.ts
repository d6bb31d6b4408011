// `x-dive.remediation: restart`: one more try for a service that does not become healthy.
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { startContainer } from '../adapters/docker/start-container.ts';
import { stopContainer } from '../adapters/docker/stop-container.ts';
import { listSteps, recordStep } from '../adapters/store/steps.ts';
import type { StartedService } from '../domain/deployment.ts';
import type { FailureCode } from '../domain/failures.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import { runPostStart, runPreStop } from './hooks.ts';
import type { OperationContext, Site } from './operation-context.ts';

type Containers = StartedService['containers'];

/** Sick, not dead: who ends by itself is what Docker's restart policy is for. */
const MENDED_BY_RESTART: ReadonlySet<FailureCode> = new Set(['DIVE-1204', 'DIVE-1205']);

/** Was the service restarted in this operation already? Asked only of services that want it. */
export async function isRemedied(site: Site, context: OperationContext, spec: ServiceSpec): Promise<boolean> {
  if (spec.options.remediation !== 'restart') return false;
  const { instance, fence } = context.operation;
  return (await listSteps(site.store, instance, fence)).some((s) => s.step === stepOf(spec));
}

/** May a restart mend this failure? */
export function isRemediable(spec: ServiceSpec, code: FailureCode): boolean {
  return spec.options.remediation === 'restart' && MENDED_BY_RESTART.has(code);
}

/** Stops and starts every container of the service, hooks included. @returns them with their new times of start */
export async function restartForHealth(
  site: Site,
  context: OperationContext,
  spec: ServiceSpec,
  containers: Containers,
  signal: AbortSignal,
): Promise<Containers> {
  const change = context.change(signal);
  const restarted = await Promise.all(
    containers.map(async ({ name, id }) => {
      const state = (await inspectContainer(context.engine, id))?.state ?? 'gone';
      await runPreStop(context.engine, change, spec, { id, state });
      await stopContainer(context.engine, change, id, { timeoutS: spec.stopTimeoutS });
      await startContainer(context.engine, change, id, spec);
      await runPostStart(site, context, spec, id, signal, 'remedy');
      const now = await inspectContainer(context.engine, id);
      return { name, id, startedAtMs: now?.startedAtMs ?? Date.now() };
    }),
  );
  const { instance, fence } = context.operation;
  await recordStep(site.store, instance, fence, { step: stepOf(spec), service: spec.name });
  return restarted;
}

function stepOf(spec: ServiceSpec): string {
  return `remedy:${spec.name}`;
}
