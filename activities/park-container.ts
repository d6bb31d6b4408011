import { renameContainer } from '../adapters/docker/start-container.ts';
import { openParked } from '../adapters/store/parked.ts';
import { isParkedName, parkedName } from '../domain/names.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import type { OperationContext, Site } from './operation-context.ts';
import { stopTimed } from './stop-timed.ts';

/**
 * Stops a container and puts it aside under another name until the operation is complete: what is parked comes back as
 * it was. The window is recorded before it opens. One that is parked already stays so.
 * @param old as it was seen: id, name and state
 */
export async function parkContainer(
  site: Site,
  context: OperationContext,
  old: { readonly id: string; readonly name: string; readonly state: string },
  spec: Pick<ServiceSpec, 'name' | 'stopTimeoutS' | 'preStop'>,
  signal: AbortSignal,
): Promise<void> {
  const { instance, fence } = context.operation;
  if (isParkedName(old.name)) return;
  const parked = parkedName(old.name, fence);
  await openParked(site.store, instance, {
    fence,
    container_id: old.id,
    name: old.name,
    parked_name: parked,
    service: spec.name,
    was_running: old.state === 'running' || old.state === 'restarting',
  });
  const { engine, operation } = context;
  await stopTimed({ store: site.store, operation, engine, change: context.change(signal), preStop: true }, spec, old);
  await renameContainer(context.engine, context.change(signal), old.id, parked);
}
