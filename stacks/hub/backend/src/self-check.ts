// Run inside the container: does this back end really do its work? One request it must allow, one it must deny, and a
// token it must refuse. Asks it over HTTP like anybody else, with the client's own token, and changes nothing.
import { z } from 'zod';

const WITHIN_MS = 4000;
/** Readable with the clearance of the client's account (CONFIDENTIAL, USA), and above it. */
const ALLOWED = 'DOC-007';
const DENIED = 'DOC-011';

const Environment = z.object({
  PORT: z.coerce.number().default(4000),
  KEYCLOAK_URL: z.url(),
  TOKEN_ISSUER: z.url(),
  TOKEN_AUDIENCE: z.string(),
  BACKEND_CLIENT_SECRET: z.string().min(1),
});
const Token = z.object({ access_token: z.string() });

async function clientToken(given: z.infer<typeof Environment>): Promise<string> {
  const realm = given.TOKEN_ISSUER.split('/').at(-1) ?? '';
  const response = await fetch(`${given.KEYCLOAK_URL}/realms/${realm}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: given.TOKEN_AUDIENCE,
      client_secret: given.BACKEND_CLIENT_SECRET,
    }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  if (!response.ok) throw new Error(`no token to ask with: Keycloak says ${response.status}`);
  return Token.parse(await response.json()).access_token;
}

async function check(): Promise<void> {
  const given = Environment.parse(process.env);
  const token = await clientToken(given);
  // The end of the signature: the head and the claims stay those of a good token.
  const bad = `${token.slice(0, -8)}AAAAAAAA`;
  const wanted = [
    { what: 'an allowed document', path: `/documents/${ALLOWED}`, bearer: token, status: 200 },
    { what: 'a document above the clearance', path: `/documents/${DENIED}`, bearer: token, status: 403 },
    { what: 'a bad token', path: `/documents/${ALLOWED}`, bearer: bad, status: 401 },
  ];
  for (const { what, path, bearer, status } of wanted) {
    const response = await fetch(`http://127.0.0.1:${given.PORT}${path}`, {
      headers: { Authorization: `Bearer ${bearer}` },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    await response.body?.cancel();
    if (response.status !== status) throw new Error(`${what}: ${response.status} instead of ${status}`);
  }
}

check().then(
  () => process.stdout.write('allows, denies, and refuses a bad token\n'),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
