import type { Engine } from '../adapters/docker/connect.ts';
import type { Change } from '../adapters/docker/change.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { removeContainer } from '../adapters/docker/remove-container.ts';
import { renameContainer } from '../adapters/docker/start-container.ts';
import { stopContainer } from '../adapters/docker/stop-container.ts';
import { withFence } from '../adapters/store/fence.ts';
import { closeParked, listParked } from '../adapters/store/parked.ts';
import type { OperationRef } from '../domain/deployment.ts';
import type { Site } from './operation-context.ts';

/** Grace for a parked container that runs nevertheless (somebody started it), seconds. */
const GRACE_S = 10;

/**
 * Closes what a lost operation left open: where the new container stands under its name the parked one goes, else the
 * parked one gets its name back. Whether it is then what is wanted, the plan decides.
 */
export async function closeWindows(
  site: Site,
  engine: Engine,
  operation: OperationRef,
  labels: Record<string, string>,
): Promise<void> {
  const windows = await listParked(site.store, operation.instance);
  if (windows.length === 0) return;
  const change: Change = {
    labels,
    // What is parked was put aside by us, whoever made it.
    adopt: true,
    guard: (call) => withFence(site.store, operation.instance, operation.fence, call),
  };
  for (const w of windows.filter((p) => p.fence !== operation.fence)) {
    const parked = await inspectContainer(engine, w.container_id);
    if (parked && parked.name === w.parked_name) {
      const successor = await inspectContainer(engine, w.name);
      if (successor) {
        await stopContainer(engine, change, parked.id, { timeoutS: GRACE_S });
        await removeContainer(engine, change, parked.id);
      } else {
        await renameContainer(engine, change, parked.id, w.name);
      }
    }
    await closeParked(site.store, operation.instance, w.container_id);
  }
}
