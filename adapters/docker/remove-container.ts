import { refuseForeign, refuseNewer, type Change } from './change.ts';
import { answered, EngineFailure } from './engine-failure.ts';
import { inspectContainer, orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';

export interface RemoveOptions {
  /** Its anonymous volumes go with it; those that were handed on to it have a name by then and stay. @default false */
  readonly anonymousVolumes?: boolean;
}

/**
 * Removes a stopped container, never volumes that have a name. Goes by the id that was inspected, so a container that got the
 * same name meanwhile is safe. One that is gone already is success.
 * @throws EngineFailure DIVE-1506 (made by a newer operation), DIVE-1008 (another store's), DIVE-1201 (it runs), or
 * what `guard` throws
 */
export async function removeContainer(
  engine: Wire,
  change: Change,
  ref: string,
  { anonymousVolumes = false }: RemoveOptions = {},
): Promise<void> {
  const found = await inspectContainer(engine, ref);
  if (found === undefined) return;
  refuseNewer(change, found.name, found.labels);
  refuseForeign(change, found.name, found.labels);
  const path = `/containers/${part(found.id)}`;
  try {
    await change.guard(() =>
      orNothing(send(engine, { method: 'DELETE', path, query: { v: anonymousVolumes, force: false } })),
    );
  } catch (error) {
    if (!answered(error, 409)) throw error;
    // Compose, a person or our own earlier call is removing it: wait for the end of that.
    if (!/already in progress/i.test(error.message)) throw new EngineFailure('DIVE-1201', error.message, error);
    await orNothing(
      send(engine, { method: 'POST', path: `${path}/wait`, query: { condition: 'removed' }, kind: 'read' }),
    );
  }
}
