import { z } from 'zod';
import { type Store, query } from './connect.ts';

export const ParkedRow = z.object({
  fence: z.number(),
  container_id: z.string(),
  name: z.string(),
  parked_name: z.string(),
  service: z.string(),
  was_running: z.boolean(),
});
export type ParkedRow = z.infer<typeof ParkedRow>;

/** Opens the window before the rename; opening it again changes nothing. */
export async function openParked(store: Store, instance: string, p: ParkedRow): Promise<void> {
  await query(
    store,
    `INSERT INTO parked (instance, fence, container_id, name, parked_name, service, was_running) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (instance, container_id) DO UPDATE SET fence = $2, parked_name = $5, closed_at = NULL
       WHERE parked.closed_at IS NOT NULL`,
    [instance, p.fence, p.container_id, p.name, p.parked_name, p.service, p.was_running],
  );
}

export async function closeParked(store: Store, instance: string, containerId: string): Promise<void> {
  await query(store, 'UPDATE parked SET closed_at = now() WHERE instance = $1 AND container_id = $2', [
    instance,
    containerId,
  ]);
}

/** Windows still open, of any operation. */
export async function listParked(store: Store, instance: string): Promise<ParkedRow[]> {
  return z
    .array(ParkedRow)
    .parse(
      await query(
        store,
        'SELECT fence, container_id, name, parked_name, service, was_running FROM parked WHERE instance = $1 AND closed_at IS NULL',
        [instance],
      ),
    );
}
