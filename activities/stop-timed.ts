import type { Change } from '../adapters/docker/change.ts';
import type { Engine } from '../adapters/docker/connect.ts';
import { type Stopped, stopContainer } from '../adapters/docker/stop-container.ts';
import type { Store } from '../adapters/store/connect.ts';
import { recordStep } from '../adapters/store/steps.ts';
import type { OperationRef } from '../domain/deployment.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import { runPreStop } from './hooks.ts';

/** What is said while its end is waited for. */
export function killedAfter(timeoutS: number): string {
  return `killed after ${timeoutS} s`;
}

export interface StopTimed {
  readonly store: Store;
  readonly operation: OperationRef;
  readonly engine: Engine;
  readonly change: Change;
  /** Whether `pre_stop` is run before. */
  readonly preStop: boolean;
}

/**
 * Stops a container of `spec`, and keeps how long that took: what a plan says of the next time comes from it. One that
 * did not run tells nothing.
 */
export async function stopTimed(
  { store, operation, engine, change, preStop }: StopTimed,
  spec: Pick<ServiceSpec, 'name' | 'stopTimeoutS' | 'preStop'>,
  container: { readonly id: string; readonly name: string; readonly state: string },
): Promise<Stopped> {
  const begunMs = performance.now();
  if (preStop) await runPreStop(engine, change, spec, container);
  const how = await stopContainer(engine, change, container.id, { timeoutS: spec.stopTimeoutS });
  if (how === 'stopped' || how === 'killed') {
    await recordStep(store, operation.instance, operation.fence, {
      step: `stopped:${container.name}`,
      service: spec.name,
      durationMs: performance.now() - begunMs,
    });
  }
  return how;
}
