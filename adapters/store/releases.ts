import { z } from 'zod';
import { type Store, query, queryRows } from './connect.ts';

export const ReleaseRow = z.object({
  number: z.number(),
  fence: z.number(),
  spec_digest: z.string(),
  containers: z.array(
    z.object({ name: z.string(), service: z.string(), id: z.string(), imageId: z.string(), configHash: z.string() }),
  ),
  changed: z.array(z.string()),
  at: z.date(),
});
export type ReleaseRow = z.infer<typeof ReleaseRow>;

/** Writes the operation's release, numbered per instance, and makes it the current one; the same operation writes it once. */
export async function recordRelease(
  store: Store,
  instance: string,
  r: Pick<ReleaseRow, 'fence' | 'spec_digest' | 'containers' | 'changed'>,
): Promise<number> {
  const [row] = await queryRows(
    store,
    z.object({ number: z.number() }),
    `WITH added AS (
       INSERT INTO releases (instance, number, fence, spec_digest, containers, changed)
       SELECT $1, coalesce((SELECT max(number) FROM releases WHERE instance = $1), 0) + 1, $2, $3, $4::jsonb, $5
       ON CONFLICT (instance, fence) DO UPDATE SET spec_digest = $3 RETURNING number)
     UPDATE instances SET release = added.number FROM added WHERE code = $1 AND instances.fence = $2 RETURNING added.number`,
    [instance, r.fence, r.spec_digest, JSON.stringify(r.containers), r.changed],
  );
  return row?.number ?? 0;
}

export async function currentRelease(store: Store, instance: string): Promise<ReleaseRow | undefined> {
  const [row] = await query(
    store,
    'SELECT r.* FROM releases r JOIN instances i ON i.code = r.instance AND i.release = r.number WHERE r.instance = $1',
    [instance],
  );
  return row === undefined ? undefined : ReleaseRow.parse(row);
}
