// Inputs of workflows. `unknown` at the door: the first activity parses them, because a Schedule, the Temporal UI or
// `temporal workflow start` did not.
import { z } from 'zod';
import { CODE_PATTERN } from '../domain/names.ts';

export const InstanceCode = z.string().regex(CODE_PATTERN, 'an instance code is upper case letters, digits, - and _');

/** `--pull`: of every service that is not built, instead of its own `pull_policy`. */
export const PullOption = z.enum(['always', 'missing', 'never']);
export type PullOption = z.infer<typeof PullOption>;

export const DeployOptions = z.strictObject({
  /** Digest of a stored ProjectSpec; without it the registered files are read again. */
  plan: z.string().optional(),
  /** Leave everything as it failed, for a look. Default false. */
  keepFailed: z.boolean().optional(),
  /** Build images even when they are there. Default false. */
  build: z.boolean().optional(),
  /** Default: what each service's `pull_policy` says. */
  pull: PullOption.optional(),
  /** Take over containers, networks and volumes of another store. Default false. */
  adopt: z.boolean().optional(),
  /** Default of every service's time to become healthy, milliseconds; x-dive of the service wins. */
  timeoutMs: z.number().int().min(1000).max(3_600_000).optional(),
  /** Only while the plan still has this id. */
  planId: z.string().optional(),
});
export type DeployOptions = z.infer<typeof DeployOptions>;

/** Who asked: shown to whoever meets the lock. */
export const Caller = z.strictObject({ user: z.string(), host: z.string() });
export type Caller = z.infer<typeof Caller>;

export const DeployInput = z.strictObject({
  instance: InstanceCode,
  options: DeployOptions.optional(),
  by: Caller.optional(),
});
export type DeployInput = z.infer<typeof DeployInput>;

/** Of the read-only workflow behind `dive plan` of another site. */
export const InspectInput = z.strictObject({
  instance: InstanceCode,
  site: z.string(),
  /** Digest of a stored ProjectSpec. */
  spec: z.string(),
  build: z.boolean().optional(),
  pull: PullOption.optional(),
  adopt: z.boolean().optional(),
});
export type InspectInput = z.infer<typeof InspectInput>;

export const TeardownInput = z.strictObject({
  instance: InstanceCode,
  /** Also remove the project's named volumes. Default false. */
  volumes: z.boolean().optional(),
  by: Caller.optional(),
});
export type TeardownInput = z.infer<typeof TeardownInput>;
