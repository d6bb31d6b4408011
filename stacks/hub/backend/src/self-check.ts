// Does this back end really do its work? One request it must allow, one it must deny, and a token it must refuse.
// It asks itself over HTTP like anybody else, with the client's own token, and changes nothing.
import { z } from 'zod';
import type { Config } from './config.ts';
import { reason } from './health.ts';

const WITHIN_MS = 2500;
/** Readable with the clearance of the client's account (CONFIDENTIAL, USA), and above it. */
const ALLOWED = 'DOC-007';
const DENIED = 'DOC-011';

/** No more of it than the check needs. Without the secret there is no token to ask with. */
export type SelfCheckConfig = Pick<Config, 'port' | 'tokenUrl' | 'audience' | 'clientSecret'>;

const Granted = z.object({ access_token: z.string().min(1) });

/**
 * Whoever asks while it runs gets its answer: many at once are no more work than one.
 * @throws Error saying what did not go as it must, within 2.5 s
 */
export function selfCheck(config: SelfCheckConfig): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () =>
    (running ??= check(config, AbortSignal.timeout(WITHIN_MS)).finally(() => {
      running = undefined;
    }));
}

async function check(config: SelfCheckConfig, signal: AbortSignal): Promise<void> {
  const token = await clientToken(config, signal);
  // The end of the signature: the head and the claims stay those of a good token.
  const bad = `${token.slice(0, -8)}AAAAAAAA`;
  const wanted = [
    { what: 'an allowed document', document: ALLOWED, bearer: token, status: 200 },
    { what: 'a document above the clearance', document: DENIED, bearer: token, status: 403 },
    { what: 'a bad token', document: ALLOWED, bearer: bad, status: 401 },
  ];
  // One after the other: three at once would need three connections to the database, and a look is no load test.
  for (const { what, document, bearer, status } of wanted) {
    const url = `http://127.0.0.1:${config.port}/documents/${document}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${bearer}` }, signal });
    await answer.arrayBuffer();
    if (answer.status !== status) throw new Error(`${what}: ${answer.status} instead of ${status}`);
  }
}

async function clientToken(
  { tokenUrl, audience, clientSecret }: SelfCheckConfig,
  signal: AbortSignal,
): Promise<string> {
  if (clientSecret === undefined) throw new Error('no token to ask with: BACKEND_CLIENT_SECRET is not set');
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: audience,
    client_secret: clientSecret,
  });
  try {
    const answer = await fetch(tokenUrl, { method: 'POST', body, signal });
    if (!answer.ok) throw new Error(`Keycloak says ${answer.status}`);
    return Granted.parse(await answer.json()).access_token;
  } catch (error) {
    throw new Error(`no token to ask with: ${reason(error)}`);
  }
}
