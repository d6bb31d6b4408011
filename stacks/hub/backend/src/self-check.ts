// Run inside the container: does this back end really do its work? One request it must allow, one it must deny, and a
// token it must refuse. Asks it over HTTP like anybody else, with the client's own token, and changes nothing.
// It starts anew for every look, and everybody waits for it: it loads nothing but Node's own HTTP client.
import { request as http, type RequestOptions } from 'node:http';

const WITHIN_MS = 4000;
/** Readable with the clearance of the client's account (CONFIDENTIAL, USA), and above it. */
const ALLOWED = 'DOC-007';
const DENIED = 'DOC-011';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** @throws Error when there is no whole answer within 4 s */
async function ask(url: string, options: RequestOptions, body?: string): Promise<Answer> {
  const request = url.startsWith('https:') ? (await import('node:https')).request : http;
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, signal: AbortSignal.timeout(WITHIN_MS) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', reject);
    });
    // Of several addresses that all refuse, Node's error says nothing but its code.
    asked.on('error', (error: NodeJS.ErrnoException) => reject(error.message ? error : new Error(error.code)));
    asked.end(body);
  });
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

async function clientToken(): Promise<string> {
  const realm = variable('TOKEN_ISSUER').split('/').at(-1) ?? '';
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: variable('TOKEN_AUDIENCE'),
    client_secret: variable('BACKEND_CLIENT_SECRET'),
  });
  const url = `${variable('KEYCLOAK_URL')}/realms/${realm}/protocol/openid-connect/token`;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const { status, body } = await ask(url, { method: 'POST', headers }, form.toString());
  if (status !== 200) throw new Error(`no token to ask with: Keycloak says ${status}`);
  const answer: unknown = JSON.parse(body);
  const token: unknown = typeof answer === 'object' && answer !== null && Reflect.get(answer, 'access_token');
  if (typeof token !== 'string') throw new Error('no token to ask with: there is none in what Keycloak says');
  return token;
}

async function check(): Promise<void> {
  const documents = `http://127.0.0.1:${process.env['PORT'] ?? 4000}/documents`;
  const token = await clientToken();
  // The end of the signature: the head and the claims stay those of a good token.
  const bad = `${token.slice(0, -8)}AAAAAAAA`;
  const wanted = [
    { what: 'an allowed document', document: ALLOWED, bearer: token, status: 200 },
    { what: 'a document above the clearance', document: DENIED, bearer: token, status: 403 },
    { what: 'a bad token', document: ALLOWED, bearer: bad, status: 401 },
  ];
  // One after the other: three at once would need three connections to the database, and a look is no load test.
  for (const { what, document, bearer, status } of wanted) {
    const answer = await ask(`${documents}/${document}`, { headers: { Authorization: `Bearer ${bearer}` } });
    if (answer.status !== status) throw new Error(`${what}: ${answer.status} instead of ${status}`);
  }
}

check().then(
  () => process.stdout.write('allows, denies, and refuses a bad token\n'),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
