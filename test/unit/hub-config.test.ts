// The back end of the default hub: its settings, and that it is one and the same with what the repository tests.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readConfig } from '../../stacks/hub/backend/src/config.ts';

const ROOT = path.resolve(__dirname, '..', '..');
const GOOD = {
  KEYCLOAK_URL: 'http://keycloak:8080/',
  TOKEN_ISSUER: 'http://127.0.0.1:21080/realms/dive',
  TOKEN_AUDIENCE: 'dive-backend',
  OPA_URL: 'http://opa:8181',
  DATABASE_URL: 'postgresql://backend:hidden-value@postgres/documents',
  REDIS_URL: 'redis://:hidden-value@redis:6379',
};

test('keys are fetched by the inner address, the issuer is the outer one', () => {
  expect(readConfig(GOOD)).toMatchObject({
    port: 4000,
    jwksUrl: 'http://keycloak:8080/realms/dive/protocol/openid-connect/certs',
    issuer: 'http://127.0.0.1:21080/realms/dive',
  });
});

test('what is missing or wrong is named, without values', () => {
  const { REDIS_URL: _redis, ...rest } = GOOD;
  const read = (): unknown => readConfig({ ...rest, OPA_URL: 'hidden-value', PORT: '99999' });
  expect(read).toThrow(/PORT, OPA_URL, REDIS_URL/);
  expect(read).not.toThrow(/hidden-value/);
});

test('its libraries are those that the tests here run with', () => {
  const Manifest = z.object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  });
  const read = (file: string) => Manifest.parse(JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')));
  const ours = read('package.json');
  const known: Record<string, string> = { ...ours.devDependencies, ...ours.dependencies };
  for (const [name, version] of Object.entries(read('stacks/hub/backend/package.json').dependencies)) {
    expect([name, known[name]]).toEqual([name, version]);
  }
});
