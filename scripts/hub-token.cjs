// A token of one of the hub's users, for curl: npm run -s hub:token bruno
const { valueOf } = require('./images/env-file.cjs');

async function main() {
  const user = process.argv[2] ?? 'bruno';
  const address = `http://127.0.0.1:${valueOf('KEYCLOAK_PORT') ?? 21080}/realms/dive/protocol/openid-connect/token`;
  const body = new URLSearchParams({
    grant_type: 'password',
    scope: 'openid',
    client_id: 'dive-backend',
    client_secret: valueOf('BACKEND_CLIENT_SECRET') ?? '',
    username: user,
    password: valueOf('DEMO_PASSWORD') ?? '',
  });
  const response = await fetch(address, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${user}: ${response.status} ${answer.error_description ?? answer.error ?? ''}`);
  process.stdout.write(`${answer.access_token}\n`);
}

main().catch((error) => {
  process.stderr.write(`no token: ${error.cause?.message ?? error.message}\n`);
  process.exit(1);
});
