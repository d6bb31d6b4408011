import { z } from 'zod';
import { ObservedProject } from '../../schema/observed.ts';
import { type Store, query, queryRows } from './connect.ts';
import { fenceAlone } from './fence.ts';
import { StoreFailure } from './store-failure.ts';

export const OperationRow = z.object({
  instance: z.string(),
  fence: z.number(),
  kind: z.string(),
  workflow_id: z.string(),
  run_id: z.string(),
  by_user: z.string().nullable(),
  by_host: z.string().nullable(),
  spec_digest: z.string().nullable(),
  before: ObservedProject.nullable(),
  adopt: z.boolean(),
  started_at: z.date(),
  ended_at: z.date().nullable(),
  outcome: z.string().nullable(),
  error_code: z.string().nullable(),
  failure: z.unknown(),
  result: z.unknown(),
});
export type OperationRow = z.infer<typeof OperationRow>;

export interface Opening {
  readonly instance: string;
  readonly kind: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly user: string | null;
  readonly host: string | null;
  readonly spec: string | null;
}

/**
 * Opens the operation: bumps the instance's fence and takes the new number. The same run asking again (a retried
 * activity) gets the same number. An operation left open by a terminated workflow is closed as `lost`.
 * Throws DIVE-1001 for an instance nobody registered.
 */
export async function openOperation(store: Store, o: Opening): Promise<number> {
  const rows = await queryRows(
    store,
    z.object({ fence: z.number() }),
    `WITH known AS (SELECT fence FROM operations WHERE run_id = $4),
          lost AS (UPDATE operations SET ended_at = now(), outcome = 'lost' WHERE instance = $1 AND ended_at IS NULL AND run_id <> $4),
          alone AS MATERIALIZED (${fenceAlone('$1')}),
          bumped AS (UPDATE instances SET fence = fence + 1 FROM alone WHERE code = $1 AND NOT EXISTS (SELECT 1 FROM known) RETURNING fence),
          added AS (INSERT INTO operations (instance, fence, kind, workflow_id, run_id, by_user, by_host, spec_digest)
                    SELECT $1, fence, $2, $3, $4, $5, $6, $7 FROM bumped RETURNING fence)
     SELECT fence FROM known UNION ALL SELECT fence FROM added`,
    [o.instance, o.kind, o.workflowId, o.runId, o.user, o.host, o.spec],
  );
  const fence = rows[0]?.fence;
  if (fence === undefined)
    throw new StoreFailure('DIVE-1001', `nobody registered an instance ${o.instance}: run dive up in its folder first`);
  return fence;
}

/**
 * Keeps what was there before, once: a retried activity does not overwrite it with what it changed itself. `adopt`: the
 * operation may take over what another store made.
 */
export async function recordBefore(
  store: Store,
  instance: string,
  fence: number,
  spec: string,
  before: ObservedProject,
  adopt: boolean,
): Promise<ObservedProject> {
  const [row] = await queryRows(
    store,
    z.object({ before: z.unknown() }),
    `UPDATE operations SET spec_digest = $3, before = coalesce(before, $4::jsonb), adopt = adopt OR $5 WHERE instance = $1 AND fence = $2 RETURNING before`,
    [instance, fence, spec, JSON.stringify(before), adopt],
  );
  return ObservedProject.parse(row?.before);
}

/**
 * Stores whose objects this instance has taken over for good: those of all that stood there when an operation with
 * `--adopt` came to its good end. Labels cannot be changed, so this is what is known of it.
 */
export async function adoptedStores(store: Store, instance: string): Promise<string[]> {
  const rows = await queryRows(
    store,
    z.object({ id: z.string() }),
    `SELECT DISTINCT o.value->'labels'->>'dive.store' AS id
     FROM operations, LATERAL jsonb_array_elements((before->'containers') || (before->'networks') || (before->'volumes')) AS o
     WHERE instance = $1 AND adopt AND outcome IN ('up', 'unchanged') AND o.value->'labels' ? 'dive.store'`,
    [instance],
  );
  return rows.map((r) => r.id);
}

export async function closeOperation(
  store: Store,
  instance: string,
  fence: number,
  end: { outcome: string; code?: string | undefined; failure?: unknown; result?: unknown },
): Promise<void> {
  await query(
    store,
    `UPDATE operations SET ended_at = coalesce(ended_at, now()), outcome = $3, error_code = $4, failure = $5::jsonb, result = $6::jsonb
     WHERE instance = $1 AND fence = $2`,
    [
      instance,
      fence,
      end.outcome,
      end.code ?? null,
      JSON.stringify(end.failure ?? null),
      JSON.stringify(end.result ?? null),
    ],
  );
}

export async function findOperation(store: Store, instance: string, fence: number): Promise<OperationRow | undefined> {
  const [row] = await query(store, 'SELECT * FROM operations WHERE instance = $1 AND fence = $2', [instance, fence]);
  return row === undefined ? undefined : OperationRow.parse(row);
}

/** Newest first. */
export async function listOperations(store: Store, instance: string, limit: number): Promise<OperationRow[]> {
  return z
    .array(OperationRow)
    .parse(
      await query(store, 'SELECT * FROM operations WHERE instance = $1 ORDER BY fence DESC LIMIT $2', [
        instance,
        limit,
      ]),
    );
}
