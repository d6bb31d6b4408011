// Who asks, as an access token of the realm says.
import { z } from 'zod';

/** A missing claim stays missing: the policy denies it with a reason, here nothing is made up. */
const Claims = z.object({
  sub: z.string().min(1),
  jti: z.string().min(1),
  exp: z.number().int().positive(),
  preferred_username: z.string().optional(),
  clearance: z.string().optional(),
  countryOfAffiliation: z.string().optional(),
  acpCOI: z.array(z.string()).default([]),
});

export interface Subject {
  readonly id: string;
  readonly name: string;
  readonly clearance?: string;
  readonly country?: string;
  readonly communities: readonly string[];
}

export interface Token {
  readonly id: string;
  /** Seconds since 1970, as in the token. */
  readonly expiresAt: number;
  readonly subject: Subject;
}

/** `payload` is that of a token whose signature was checked. @throws ZodError when it is no access token of ours */
export function readToken(payload: unknown): Token {
  const claims = Claims.parse(payload);
  return {
    id: claims.jti,
    expiresAt: claims.exp,
    subject: {
      id: claims.sub,
      name: claims.preferred_username ?? claims.sub,
      ...(claims.clearance !== undefined && { clearance: claims.clearance }),
      ...(claims.countryOfAffiliation !== undefined && { country: claims.countryOfAffiliation }),
      communities: claims.acpCOI,
    },
  };
}
