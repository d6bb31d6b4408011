// What a service of a Compose file says of itself, as its translation and its checks need it: small, because every
// command that reads files makes these schemas at its start.
import { z } from 'zod';

export const Condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);
export type Condition = z.infer<typeof Condition>;

export const ServiceClass = z.enum(['core', 'optional', 'stretch']);
export type ServiceClass = z.infer<typeof ServiceClass>;

/** `x-dive` of one service, checked; durations in milliseconds. */
export const ServiceOptions = z.object({
  timeoutMs: z.number().int().min(1000).max(3_600_000).optional(),
  /** Without a check, running this long is the proof. Default 2 s; 10 s where a published port stays silent. */
  settleMs: z.number().int().min(0).max(600_000).optional(),
  probes: z.array(z.record(z.string(), z.unknown())).optional(),
  /** `restart`: once an operation, when it does not become healthy. Default `none`. */
  remediation: z.enum(['none', 'restart']).optional(),
});
export type ServiceOptions = z.infer<typeof ServiceOptions>;
