// Makes stacks/hub/postgres/keycloak-schema.sql anew, after Keycloak's version changed: npm run hub:schema
// A throw-away Keycloak makes its schema on an empty database; what is kept is that alone: no realm, no key, no user.
const { execFileSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { valueOf } = require('./images/env-file.cjs');

const FILE = path.resolve(__dirname, '..', 'stacks', 'hub', 'postgres', 'keycloak-schema.sql');
const KEYCLOAK = valueOf('KEYCLOAK_IMAGE') ?? 'quay.io/keycloak/keycloak:26.7.3';
const POSTGRES = valueOf('POSTGRES_IMAGE') ?? 'postgres:15.20';
const READY = "exec 3<>/dev/tcp/127.0.0.1/9000; printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
const WITHIN_MS = 300_000;

const name = `keycloak-schema-${randomBytes(3).toString('hex')}`;
const password = randomBytes(16).toString('hex');
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, ask) {
  let last = 'it says no';
  for (const end = Date.now() + WITHIN_MS; Date.now() < end; await pause(500)) {
    try {
      if (ask()) return;
    } catch (error) {
      last = String(error.stderr || error.message).trim();
    }
  }
  throw new Error(`${what} was not ready in ${WITHIN_MS / 60_000} minutes: ${last}`);
}

async function main() {
  const run = (part, ...args) => docker('run', '-d', '--name', `${name}-${part}`, '--network', name, ...args);
  docker('network', 'create', name);
  try {
    run('db', '-e', `POSTGRES_PASSWORD=${password}`, '-e', 'POSTGRES_DB=keycloak', POSTGRES);
    const inDatabase = (...args) => docker('exec', `${name}-db`, ...args);
    await until('PostgreSQL', () => inDatabase('pg_isready', '-q', '-h', '127.0.0.1') === '');
    const settings = {
      KC_DB: 'postgres',
      KC_HEALTH_ENABLED: 'true',
      KC_METRICS_ENABLED: 'true',
      KC_DB_URL: `jdbc:postgresql://${name}-db:5432/keycloak`,
      KC_DB_USERNAME: 'postgres',
      KC_DB_PASSWORD: password,
      KC_CACHE: 'local',
      KC_HTTP_ENABLED: 'true',
      KC_HOSTNAME_STRICT: 'false',
    };
    run(
      'keycloak',
      ...Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
      KEYCLOAK,
      'start',
    );
    // It listens long before its tables are made.
    await until('Keycloak', () => docker('exec', `${name}-keycloak`, 'bash', '-c', READY).includes(' 200 OK'));
    const dump = (...args) => inDatabase('pg_dump', '-U', 'postgres', '-O', '-x', ...args, 'keycloak');
    const schema = dump('-s');
    const changes = dump('-a', '-t', 'databasechangelog', '-t', 'databasechangeloglock');
    fs.writeFileSync(FILE, `${header()}${stable(schema)}${stable(changes)}`);
    process.stdout.write(`${FILE}: ${fs.statSync(FILE).size} bytes\n`);
  } finally {
    for (const part of ['keycloak', 'db']) {
      try {
        docker('rm', '-f', '-v', `${name}-${part}`);
      } catch {
        // It was never made.
      }
    }
    docker('network', 'rm', name);
  }
}

function header() {
  return `-- The schema that ${KEYCLOAK.split('/').at(-1)} makes on an empty database, and the list of the changes that made it.
-- Made by: npm run hub:schema. A newer Keycloak migrates it on.
`;
}

/** Without what pg_dump makes up each time, and without its comments, which name versions of tools. */
function stable(sql) {
  const lines = sql.split('\n').filter((line) => !/^\\(un)?restrict |^--/.test(line));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

main().catch((error) => {
  process.stderr.write(`no schema: ${error.stderr || error.message}\n`);
  process.exit(1);
});
