// `dive plan --json`, version 1, stable: what an operation would do, step by step, each with its cause.
import { z } from 'zod';
import { Finding } from './finding.ts';

export const PlanOp = z.enum([
  'create',
  'recreate',
  'start',
  'restart',
  'remove',
  'keep',
  'pull',
  'build',
  'network',
  'rebuild',
  'volume',
]);
export type PlanOp = z.infer<typeof PlanOp>;

export const PlanOperation = z.object({
  /** `<op>:<container, image, network or volume>`; unique within the plan. */
  id: z.string(),
  op: PlanOp,
  /** Service concerned; for a network or volume its key. */
  service: z.string(),
  /** Container, image reference, network or volume name. */
  target: z.string(),
  cause: z.string(),
  dependsOn: z.array(z.string()).describe('services'),
  /** 0 for services without dependencies. */
  level: z.number().int().nonnegative(),
  expectedMs: z.number().nonnegative(),
  /** Can be taken back exactly. Everything but a volume's content can. */
  reversible: z.boolean(),
});
export type PlanOperation = z.infer<typeof PlanOperation>;

export const Plan = z.object({
  version: z.literal(1),
  instance: z.string(),
  /** Hash of desired and observed state: equal plans have equal ids. */
  planId: z.string(),
  operations: z.array(PlanOperation),
  criticalPath: z.array(z.string()),
  criticalPathMs: z.number().nonnegative(),
  /** Services with published ports that go away meanwhile, and for how long, as learned. */
  away: z.array(z.object({ service: z.string(), ms: z.number().nonnegative() })),
  warnings: z.array(Finding),
  errors: z.array(Finding),
});
export type Plan = z.infer<typeof Plan>;
