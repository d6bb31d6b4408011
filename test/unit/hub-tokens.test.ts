// The back end of the default hub: which tokens it takes.
import { generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { Refusal } from '../../stacks/hub/backend/src/refusal.ts';
import { authenticate, keycloakKeys, type TokenRules } from '../../stacks/hub/backend/src/tokens.ts';

const ISSUER = 'http://127.0.0.1:21080/realms/dive';
const CLAIMS = { jti: 'token-1', preferred_username: 'alice', clearance: 'SECRET', acpCOI: ['NATO'] };

const pair = generateKeyPair('RS256');

interface Signing {
  readonly claims?: JWTPayload;
  readonly issuer?: string;
  readonly audience?: string | string[];
  readonly expires?: string;
}

async function sign({ claims = CLAIMS, issuer = ISSUER, audience = 'dive-backend', expires = '5m' }: Signing = {}) {
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).setSubject('user-1');
  const { privateKey } = await pair;
  return jwt.setIssuer(issuer).setAudience(audience).setExpirationTime(expires).sign(privateKey);
}

function rules(more: Partial<TokenRules> = {}): TokenRules {
  return {
    issuer: ISSUER,
    audience: 'dive-backend',
    keys: async () => (await pair).publicKey,
    denied: { has: () => Promise.resolve(false) },
    ...more,
  };
}

async function refusalOf(authorization: string | undefined, given = rules()): Promise<Refusal> {
  const refused: unknown = await authenticate(authorization, given).catch((error: unknown) => error);
  if (refused instanceof Refusal) return refused;
  throw new Error(`not refused: ${JSON.stringify(refused)}`);
}

test('a good token says who asks', async () => {
  const token = await authenticate(`Bearer ${await sign()}`, rules());
  expect(token).toMatchObject({
    id: 'token-1',
    subject: { id: 'user-1', name: 'alice', clearance: 'SECRET', communities: ['NATO'] },
  });
  expect(token.subject).not.toHaveProperty('country');
});

test('no token, another scheme and garbage are refused', async () => {
  for (const header of [undefined, '', 'Basic YTpi', 'Bearer', 'Bearer garbage', 'Bearer a.b.c']) {
    expect((await refusalOf(header)).status).toBe(401);
  }
});

test('a token of another issuer, for another audience, or expired is refused', async () => {
  for (const wrong of [{ issuer: `${ISSUER}x` }, { audience: 'account' }, { expires: '-1s' }]) {
    expect((await refusalOf(`Bearer ${await sign(wrong)}`)).status).toBe(401);
  }
});

test('a token signed by another key is refused', async () => {
  const other = await generateKeyPair('RS256');
  const keys = () => Promise.resolve(other.publicKey);
  expect((await refusalOf(`Bearer ${await sign()}`, rules({ keys }))).status).toBe(401);
});

test('a token without a signature, or signed with a shared secret, is refused', async () => {
  const [, payload = ''] = (await sign()).split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  expect((await refusalOf(`Bearer ${none}.${payload}.`)).status).toBe(401);
  const jwt = new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256' }).setSubject('user-1').setIssuer(ISSUER);
  const shared = await jwt.setAudience('dive-backend').setExpirationTime('5m').sign(new Uint8Array(32));
  expect((await refusalOf(`Bearer ${shared}`)).status).toBe(401);
});

test('a token without an id could not be logged out, so it is refused', async () => {
  const { jti: _jti, ...claims } = CLAIMS;
  expect((await refusalOf(`Bearer ${await sign({ claims })}`)).status).toBe(401);
});

test('a token that was logged out is refused', async () => {
  const denied = { has: (id: string) => Promise.resolve(id === 'token-1') };
  const refused = await refusalOf(`Bearer ${await sign()}`, rules({ denied }));
  expect([refused.status, refused.message]).toEqual([401, 'the token was logged out']);
});

test('a deny list that does not answer lets nobody in', async () => {
  const denied = { has: () => Promise.reject(new Error('ECONNREFUSED')) };
  expect((await refusalOf(`Bearer ${await sign()}`, rules({ denied }))).status).toBe(503);
});

test('keys that are not to be had are not the fault of the token', async () => {
  const keys = keycloakKeys('http://127.0.0.1:9/keys');
  expect((await refusalOf(`Bearer ${await sign()}`, rules({ keys }))).status).toBe(503);
});
