// Commands of the file that run inside a container after its start and before its stop.
import { runHook } from '../adapters/docker/run-hook.ts';
import type { Engine } from '../adapters/docker/connect.ts';
import type { Change } from '../adapters/docker/change.ts';
import { answered } from '../adapters/docker/engine-failure.ts';
import { listSteps, recordStep } from '../adapters/store/steps.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import type { OperationContext, Site } from './operation-context.ts';

/** Compose waits for ever; an operation must end. */
const LONGEST_MS = 300_000;

/**
 * `post_start`, in order, once a start: a retried activity goes on after the last command that succeeded. A command
 * that fails fails the start. `start`: which start of the container in this operation.
 */
export async function runPostStart(
  site: Site,
  context: OperationContext,
  spec: Pick<ServiceSpec, 'name' | 'postStart'>,
  containerId: string,
  signal?: AbortSignal,
  start: 'first' | 'remedy' = 'first',
): Promise<void> {
  const hooks = spec.postStart ?? [];
  if (hooks.length === 0) return;
  const { instance, fence } = context.operation;
  const done = new Set((await listSteps(site.store, instance, fence)).map((s) => s.step));
  for (const [i, hook] of hooks.entries()) {
    const step = `hook:${containerId.slice(0, 12)}:${start}:${i + 1}`;
    if (done.has(step)) continue;
    const name = `post_start ${i + 1} of ${spec.name}`;
    await runHook(context.engine, context.change(signal), containerId, { hook, name, timeoutMs: LONGEST_MS });
    await recordStep(site.store, instance, fence, { step, service: spec.name });
  }
}

/** `pre_stop`, in order, of a container that runs. A command that fails keeps it running, as with Compose. */
export async function runPreStop(
  engine: Engine,
  change: Change,
  spec: Pick<ServiceSpec, 'name' | 'preStop'>,
  container: { readonly id: string; readonly state: string },
): Promise<void> {
  if (container.state !== 'running') return;
  for (const [i, hook] of (spec.preStop ?? []).entries()) {
    const name = `pre_stop ${i + 1} of ${spec.name}`;
    try {
      await runHook(engine, change, container.id, { hook, name, timeoutMs: LONGEST_MS });
    } catch (error) {
      // It ended, or is gone, by itself: nothing is left to ask.
      if (answered(error, 404) || answered(error, 409)) return;
      throw error;
    }
  }
}
