// What a probe is handed and what it answers: the contract between adapters/docker, adapters/probes and the verdict.
import { z } from 'zod';

/** 1 container runs · 2 port or Docker health check · 3 the service's own answer · 4 it really does its work. */
export const ProbeLevel = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type ProbeLevel = z.infer<typeof ProbeLevel>;

export const ProbeResult = z.object({
  /** How deep the answer goes: a probe that had to be content with less says so here. */
  level: ProbeLevel,
  ok: z.boolean(),
  /** One line of at most 120 characters: "/health says 503", "exit 1: connection refused". */
  evidence: z.string().max(120),
  latencyMs: z.number().nonnegative(),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

const Port = z.number().int().min(1).max(65_535);
const Status = z.number().int().min(100).max(599);

/** One entry of `x-dive.probes`. Ports are those of the container. */
export const ProbeOption = z.union([
  z.strictObject({
    http: z.strictObject({
      port: Port,
      path: z.string().startsWith('/').default('/'),
      /** Status codes that are right; without it 200 to 399. */
      expect: z.union([Status, z.array(Status).min(1)]).optional(),
      /** Text the answer must hold. */
      contains: z.string().min(1).optional(),
    }),
  }),
  z.strictObject({ tcp: z.strictObject({ port: Port }) }),
  z.strictObject({ exec: z.union([z.string().min(1), z.array(z.string()).min(1)]) }),
  z.strictObject({ postgres: z.strictObject({}) }),
]);
export type ProbeOption = z.infer<typeof ProbeOption>;

/** How a command inside a container ended. */
export type ExecAnswer =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string }
  /** It still runs; nothing can end it but the container's own end. */
  | { readonly kind: 'timed-out'; readonly output: string }
  /** The container is in no state to run a command. */
  | { readonly kind: 'paused' | 'not-running' | 'gone' };
