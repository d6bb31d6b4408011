// The worker process: composition root. Says 'ready' over its channel when it polls; ends when the channel closes.
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openStore } from '../adapters/store/connect.ts';
import { migrate } from '../adapters/store/migrate.ts';
import { workerConfig } from './config.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { connectTemporal, createWorkers } from './workers.ts';

async function main(): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
  const config = workerConfig();
  const store = await openStore({ databaseUrl: config.databaseUrl, keyFile: config.keyFile, min: 3, max: 20 });
  await migrate(store);
  const connection = await connectTemporal(config.temporalAddress);
  try {
    await registerSearchAttributes(connection, config.namespace);
    const workers = await createWorkers(connection, config, store);
    const runs = workers.map((w) => w.run());
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.send?.('ready');
    await Promise.all(runs);
  } finally {
    await connection.close();
    await store.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
