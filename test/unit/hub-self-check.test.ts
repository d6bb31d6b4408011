// The back end's check of itself, against stand-ins of itself and of Keycloak.
import { createServer, type RequestListener } from 'node:http';
import { selfCheck, type SelfCheckConfig } from '../../stacks/hub/backend/src/self-check.ts';
import { closeListening, listen } from '../support/listening.ts';

const TOKEN = `head.claims.${'s'.repeat(40)}`;
afterEach(closeListening);

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));
const keycloak: RequestListener = (_, response) => response.end(JSON.stringify({ access_token: TOKEN }));

/** Status by document, for the good token and any other. */
async function check(
  answers: Readonly<Record<string, readonly [good: number, other: number]>>,
  more: Partial<SelfCheckConfig> = {},
): Promise<{ run: () => Promise<void>; asked: string[] }> {
  const asked: string[] = [];
  const port = await serve((request, response) => {
    asked.push(request.url ?? '');
    const [good, other] = answers[request.url?.split('/').at(-1) ?? ''] ?? [404, 404];
    response.writeHead(request.headers.authorization === `Bearer ${TOKEN}` ? good : other).end('{}');
  });
  const tokenUrl = `http://127.0.0.1:${await serve(keycloak)}/token`;
  const config = { port, tokenUrl, audience: 'dive-backend', clientSecret: 'hidden-value', ...more };
  return { run: selfCheck(config), asked };
}

const GOOD = { 'DOC-007': [200, 401], 'DOC-011': [403, 401] } as const;

test('it allows, denies, and refuses a bad token; many who ask at once cost one', async () => {
  const { run, asked } = await check(GOOD);
  await Promise.all([run(), run(), run()]);
  expect(asked).toEqual(['/documents/DOC-007', '/documents/DOC-011', '/documents/DOC-007']);
  await run();
  expect(asked).toHaveLength(6);
});

test.each([
  [{ ...GOOD, 'DOC-007': [403, 401] }, 'an allowed document: 403 instead of 200'],
  [{ ...GOOD, 'DOC-011': [200, 401] }, 'a document above the clearance: 200 instead of 403'],
  [{ ...GOOD, 'DOC-007': [200, 200] }, 'a bad token: 200 instead of 401'],
] as const)('%j: %s', async (answers, message) => {
  const { run } = await check(answers);
  await expect(run()).rejects.toThrow(message);
});

test('without a token it says so, without the secret', async () => {
  const refuses = await serve((_, response) => response.writeHead(401).end('{"error":"hidden-value"}'));
  for (const [more, message] of [
    [{ tokenUrl: `http://127.0.0.1:${refuses}/` }, 'no token to ask with: Keycloak says 401'],
    [{ tokenUrl: 'http://127.0.0.1:1/' }, 'no token to ask with: '],
    [{ clientSecret: undefined }, 'no token to ask with: BACKEND_CLIENT_SECRET is not set'],
  ] as const) {
    const { run } = await check(GOOD, more);
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.not.toThrow('hidden-value');
  }
});
