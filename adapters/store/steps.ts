import { z } from 'zod';
import type { ServiceHistory } from '../../domain/assemble-plan.ts';
import { type Store, query, queryRows } from './connect.ts';

export const StepRow = z.object({
  step: z.string(),
  service: z.string().nullable(),
  duration_ms: z.number().nullable(),
  details: z.record(z.string(), z.unknown()),
  at: z.date(),
});
export type StepRow = z.infer<typeof StepRow>;

export interface Step {
  /** Unique within the operation: `started:web-1`. */
  readonly step: string;
  readonly service?: string;
  /** Milliseconds; kept in the history that expectations and learned timeouts come from. */
  readonly durationMs?: number;
  readonly details?: Record<string, unknown>;
}

/** Records a step; the first record of a step stays (a retried activity changes nothing). */
export async function recordStep(store: Store, instance: string, fence: number, s: Step): Promise<void> {
  await query(
    store,
    `INSERT INTO steps (instance, fence, step, service, duration_ms, details) VALUES ($1, $2, $3, $4, $5, $6::jsonb) ON CONFLICT DO NOTHING`,
    [
      instance,
      fence,
      s.step,
      s.service ?? null,
      s.durationMs === undefined ? null : Math.round(s.durationMs),
      JSON.stringify(s.details ?? {}),
    ],
  );
}

export async function listSteps(store: Store, instance: string, fence: number): Promise<StepRow[]> {
  return z
    .array(StepRow)
    .parse(
      await query(
        store,
        'SELECT step, service, duration_ms, details, at FROM steps WHERE instance = $1 AND fence = $2 ORDER BY at, step',
        [instance, fence],
      ),
    );
}

/** The last 20 times of each service, and the last pull of each image. */
export async function serviceHistory(store: Store, instance: string): Promise<ServiceHistory> {
  const [rows, pulls] = await Promise.all([
    queryRows(
      store,
      z.object({ kind: z.enum(['healthy', 'stopped']), service: z.string(), durations: z.array(z.number()) }),
      `SELECT kind, service, array_agg(duration_ms ORDER BY at DESC) AS durations FROM (
         SELECT kind, service, duration_ms, at, row_number() OVER (PARTITION BY kind, service ORDER BY at DESC) AS n
         FROM (SELECT *, split_part(step, ':', 1) AS kind FROM steps WHERE instance = $1 AND duration_ms IS NOT NULL) timed
         WHERE kind IN ('healthy', 'stopped')) recent
       WHERE n <= 20 GROUP BY kind, service`,
      [instance],
    ),
    queryRows(
      store,
      z.object({ image: z.string(), at: z.date() }),
      `SELECT substr(step, length('image:') + 1) AS image, max(at) AS at FROM steps
       WHERE instance = $1 AND step LIKE 'image:%' AND details->>'how' = 'pull' GROUP BY step`,
      [instance],
    ),
  ]);
  const of = (kind: 'healthy' | 'stopped'): ReadonlyMap<string, readonly number[]> =>
    new Map(rows.filter((r) => r.kind === kind).map((r) => [r.service, r.durations]));
  return {
    healthyMs: of('healthy'),
    stoppedMs: of('stopped'),
    pulledAtMs: new Map(pulls.map((p) => [p.image, p.at.getTime()])),
  };
}
