// The only reader of the environment.
import { z } from 'zod';

const Url = z.url().transform((text) => text.replace(/\/+$/, ''));

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  /** As this process reaches it; the keys come from here. */
  KEYCLOAK_URL: Url,
  /** What tokens say in `iss`: the address that people use. Its last part is the realm. */
  TOKEN_ISSUER: Url,
  TOKEN_AUDIENCE: z.string().min(1),
  /** For its check of itself alone. */
  BACKEND_CLIENT_SECRET: z.string().min(1).optional(),
  OPA_URL: Url,
  DATABASE_URL: z.string().min(1),
  REDIS_URL: z.string().min(1),
});

export interface Config {
  readonly port: number;
  readonly jwksUrl: string;
  readonly tokenUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly clientSecret: string | undefined;
  readonly opaUrl: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** @throws Error naming every variable that is missing or wrong, never its value */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
    throw new Error(`missing or wrong in the environment: ${names.join(', ')}`);
  }
  const given = parsed.data;
  const realm = given.TOKEN_ISSUER.split('/').at(-1) ?? '';
  const protocol = `${given.KEYCLOAK_URL}/realms/${realm}/protocol/openid-connect`;
  return {
    port: given.PORT,
    jwksUrl: `${protocol}/certs`,
    tokenUrl: `${protocol}/token`,
    issuer: given.TOKEN_ISSUER,
    audience: given.TOKEN_AUDIENCE,
    clientSecret: given.BACKEND_CLIENT_SECRET,
    opaUrl: given.OPA_URL,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
  };
}
