// What a probe is handed and what it answers: the contract between adapters/docker, adapters/probes and the verdict.
import { z } from 'zod';

/** 1 container runs · 2 port or Docker health check · 3 the service's own answer · 4 it really does its work. */
export const ProbeLevel = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type ProbeLevel = z.infer<typeof ProbeLevel>;

export const ProbeResult = z.object({
  level: ProbeLevel,
  ok: z.boolean(),
  /** One line of at most 120 characters: "/health says 503", "exit 1: connection refused". */
  evidence: z.string().max(120),
  latencyMs: z.number().nonnegative(),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

/** How a command inside a container ended. */
export type ExecAnswer =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string }
  /** It still runs; nothing can end it but the container's own end. */
  | { readonly kind: 'timed-out'; readonly output: string }
  /** The container is in no state to run a command. */
  | { readonly kind: 'paused' | 'not-running' | 'gone' };
