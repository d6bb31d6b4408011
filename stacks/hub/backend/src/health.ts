// Healthy is who can do the work: each neighbour is asked what a request would ask it, all at once.
import { z } from 'zod';
import type { Policy } from './policy.ts';
import { NEIGHBOUR_MS, within } from './within.ts';

export interface Neighbours {
  readonly keys: () => Promise<void>;
  readonly policy: () => Promise<void>;
  readonly denyList: () => Promise<void>;
  readonly database: () => Promise<void>;
}

export interface Health {
  readonly status: 'ok' | 'unavailable';
  /** 'ok', or why not, by the name of the service. */
  readonly parts: Readonly<Record<'keycloak' | 'opa' | 'redis' | 'postgres', string>>;
}

export async function checkHealth(neighbours: Neighbours): Promise<Health> {
  const [keycloak, opa, redis, postgres] = await Promise.all([
    part('keycloak', neighbours.keys),
    part('opa', neighbours.policy),
    part('redis', neighbours.denyList),
    part('postgres', neighbours.database),
  ]);
  const parts = { keycloak, opa, redis, postgres };
  return { status: Object.values(parts).every((said) => said === 'ok') ? 'ok' : 'unavailable', parts };
}

async function part(name: string, ask: () => Promise<void>): Promise<string> {
  try {
    await within(name, ask());
    return 'ok';
  } catch (error) {
    return reason(error);
  }
}

/** The code of the deepest cause says most: ECONNREFUSED, ENOTFOUND, 28P01. Never an address with a password. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reason(error.cause);
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.message;
}

const Keys = z.object({ keys: z.array(z.unknown()).min(1) });

/** Asked anew, not from the keys that are kept: those outlive a Keycloak that is gone. */
export async function fetchKeys(jwksUrl: string): Promise<void> {
  const response = await fetch(jwksUrl, { signal: AbortSignal.timeout(NEIGHBOUR_MS) });
  if (!response.ok) throw new Error(`keycloak says ${response.status}`);
  if (!Keys.safeParse(await response.json()).success) throw new Error('keycloak has no keys');
}

/** One question whose answer is yes and one whose answer is no; a policy that says the same to all is none. */
export async function askKnownQuestions(policy: Pick<Policy, 'decide'>): Promise<void> {
  const subject = { id: 'health', name: 'health', clearance: 'RESTRICTED', country: 'USA', communities: [] };
  const label = { releasableTo: ['USA'], communities: [] };
  const yes = await policy.decide(subject, { ...label, classification: 'RESTRICTED' });
  const no = await policy.decide(subject, { ...label, classification: 'SECRET' });
  if (!yes.allow || no.allow) throw new Error('the policy decides wrongly');
}
