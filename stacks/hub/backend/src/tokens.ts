// Access tokens: signature by Keycloak's keys, issuer, audience, time, and not logged out.
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { ZodError } from 'zod';
import type { DenyList } from './deny-list.ts';
import { Refusal } from './refusal.ts';
import { readToken, type Token } from './subject.ts';
import { NEIGHBOUR_MS } from './within.ts';

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  readonly denied: Pick<DenyList, 'has'>;
}

/** Keys are kept ten minutes; an unknown key id asks again, at most every 30 s. */
export function keycloakKeys(jwksUrl: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: NEIGHBOUR_MS });
}

/**
 * `authorization` is the header of the request.
 * @throws Refusal 401 for no token or one that is not good, 503 when that cannot be found out
 */
export async function authenticate(authorization: string | undefined, rules: TokenRules): Promise<Token> {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (bearer === undefined) throw new Refusal(401, 'a bearer token is needed');
  const token = await verify(bearer, rules);
  if (await denies(token, rules)) throw new Refusal(401, 'the token was logged out');
  return token;
}

async function verify(bearer: string, { keys, issuer, audience }: TokenRules): Promise<Token> {
  try {
    // Keycloak signs with RS256 by default. Named, so that no token chooses its own way to be checked.
    const { payload } = await jwtVerify(bearer, keys, { issuer, audience, algorithms: ['RS256'] });
    return readToken(payload);
  } catch (error) {
    if (isTokensFault(error)) throw new Refusal(401, 'the token is not valid', [], error);
    throw new Refusal(503, 'the keys of the issuer are not to be had', [], error);
  }
}

/** Everything else is the key server's: slow, gone, or it answers something that is no key set. */
function isTokensFault(error: unknown): boolean {
  if (error instanceof ZodError) return true;
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return false;
  // jose's own words for "no 200 from the key server".
  return error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC';
}

/** A list that does not answer could hide a log-out: then nobody gets in. */
async function denies(token: Token, { denied }: TokenRules): Promise<boolean> {
  try {
    return await denied.has(token.id);
  } catch (error) {
    throw new Refusal(503, 'the list of logged out tokens does not answer', [], error);
  }
}
