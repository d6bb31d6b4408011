// Composition root of the back end.
import { join } from 'node:path';
import { readConfig } from './config.ts';
import { redisDenyList } from './deny-list.ts';
import { openPool, postgresDocuments } from './documents.ts';
import { askKnownQuestions, checkHealth, fetchKeys, reason } from './health.ts';
import { migrate } from './migrate.ts';
import { opaPolicy } from './policy.ts';
import { selfCheck } from './self-check.ts';
import { makeServer, type Log } from './server.ts';
import { closed, stopOnSignal } from './stop.ts';
import { authenticate, keycloakKeys } from './tokens.ts';

const log: Log = (message, about) => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), message, ...about })}\n`);
};

async function main(): Promise<void> {
  let stop = (): Promise<void> => Promise.resolve();
  stopOnSignal(() => stop());
  const config = readConfig(process.env);
  const pool = openPool(config.databaseUrl, (error) => log('database connection lost', { cause: error.message }));
  // Connects while the migrations run.
  const denyList = redisDenyList(config.redisUrl, (error) => log('redis connection lost', { cause: error.message }));
  const ran = await migrate(pool, join(__dirname, '..', 'migrations'));
  if (ran.length > 0) log('migrated', { ran });
  const policy = opaPolicy(config.opaUrl);
  const documents = postgresDocuments(pool);
  const rules = {
    issuer: config.issuer,
    audience: config.audience,
    keys: keycloakKeys(config.jwksUrl),
    denied: denyList,
  };
  const neighbours = {
    keys: () => fetchKeys(config.jwksUrl),
    policy: () => askKnownQuestions(policy),
    denyList: () => denyList.ping(),
    database: async () => void (await pool.query('SELECT 1 FROM documents LIMIT 1')),
  };
  const check = selfCheck(config);
  const server = makeServer(
    {
      authenticate: (authorization) => authenticate(authorization, rules),
      policy,
      documents,
      denyList,
      health: () => checkHealth(neighbours),
      selfCheck: check,
    },
    log,
  );
  server.listen(config.port, () => {
    log('listening', { port: config.port });
    // The first request of each kind takes longest: this one pays for it, and who asks for the check now waits less.
    check().catch((error: unknown) => log('the first self-check failed', { cause: reason(error) }));
  });
  stop = async () => {
    await closed(server);
    denyList.close();
    await pool.end();
  };
}

main().catch((error: unknown) => {
  log('cannot start', { cause: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
