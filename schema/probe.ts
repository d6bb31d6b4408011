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
  /** Nothing else proves it: when it has run this much longer, milliseconds, that is proof. */
  provenInMs: z.number().positive().optional(),
});
export type ProbeResult = z.infer<typeof ProbeResult>;

const Port = z.number().int().min(1).max(65_535);
const Status = z.number().int().min(100).max(599);

/** With a client it must get a token; without one the container's first administrator is asked for. */
export const KeycloakQuestion = z
  .strictObject({
    realm: z.string().min(1).optional(),
    client: z.string().min(1).optional(),
    /** Name of the variable in Keycloak's own container that holds the client's secret. */
    secret: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .optional(),
  })
  .refine((q) => (q.client === undefined) === (q.secret === undefined), 'client and secret belong together');
export type KeycloakQuestion = z.infer<typeof KeycloakQuestion>;

export const OpaQuestion = z
  .strictObject({
    port: Port.optional(),
    /** `hub.authz.allow` */
    decision: z
      .string()
      .regex(/^[A-Za-z0-9_]+([./][A-Za-z0-9_]+)*$/)
      .optional(),
    input: z.unknown().optional(),
    /** The right answer; anything JSON. */
    expect: z.unknown().optional(),
  })
  .refine((q) => (q.decision === undefined) === (q.expect === undefined), 'decision and expect belong together');
export type OpaQuestion = z.infer<typeof OpaQuestion>;

/** Options of the functional probes, by kind. */
export interface FunctionalOption {
  readonly postgres: Readonly<Record<string, never>>;
  readonly redis: Readonly<Record<string, never>>;
  readonly keycloak: KeycloakQuestion;
  readonly opa: OpaQuestion;
}

/** 4 for what proves the service's own work: asked in verification, not before dependants start. @default 3 */
const OwnLevel = z.union([z.literal(3), z.literal(4)]).optional();

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
    level: OwnLevel,
  }),
  z.strictObject({ tcp: z.strictObject({ port: Port }) }),
  z.strictObject({
    exec: z.union([z.string().min(1), z.array(z.string()).min(1)]),
    level: OwnLevel,
  }),
  z.strictObject({ postgres: z.strictObject({}) }),
  z.strictObject({ redis: z.strictObject({}) }),
  z.strictObject({ keycloak: KeycloakQuestion }),
  z.strictObject({ opa: OpaQuestion }),
]);
export type ProbeOption = z.infer<typeof ProbeOption>;

/** How a command inside a container ended. */
export type ExecAnswer =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string }
  /** It still runs; nothing can end it but the container's own end. */
  | { readonly kind: 'timed-out'; readonly output: string }
  /** The container is in no state to run a command. */
  | { readonly kind: 'paused' | 'not-running' | 'gone' };
