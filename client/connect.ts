import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

export interface DiveConnection {
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * Connects to Temporal as the SDK's own environment configuration says (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
 * `TEMPORAL_API_KEY`, TLS, `temporal.toml`); what is given here wins. Rejects when nothing answers.
 */
export async function connect(options: { address?: string; namespace?: string } = {}): Promise<DiveConnection> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await Connection.connect({
    ...connectionOptions,
    ...(options.address === undefined ? {} : { address: options.address }),
    connectTimeout: '4 seconds',
  });
  const client = new Client({ connection, namespace: options.namespace ?? namespace ?? 'default' });
  return { client, close: () => connection.close() };
}
