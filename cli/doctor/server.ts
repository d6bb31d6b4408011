// The server in the background: its parts, its ports, and the store behind it. Starts nothing.
import { type Store, openStore, queryRows } from '../../adapters/store/connect.ts';
import type { ServerConfig } from '../../server/config.ts';
import { choosePort, listens } from '../../server/ports.ts';
import type { ServerStatus } from '../../server/status.ts';
import { z } from 'zod';
import { type Check, within } from './check.ts';

const START = 'dive server start';
const RESTART = 'dive server stop, then dive server start';

/** Its state and its children; `engine`: the name of the one that the command means. */
export function checkServer(status: ServerStatus, engine: string | undefined): Check[] {
  const base = { id: 'server', title: 'Server' };
  const { address } = status;
  switch (status.state) {
    case 'none':
    case 'stopped':
      return [{ ...base, state: 'ok', value: 'does not run; the first verb that needs it starts it', next: START }];
    case 'gone':
      return [{ ...base, state: 'missing', value: 'its supervisor was killed', next: START, fix: 'server' }];
    case 'failed':
      return [
        { ...base, state: 'missing', value: address?.failure?.what ?? 'its start failed', next: START, fix: 'server' },
      ];
    case 'ready':
    case 'starting':
    case 'stopping':
  }
  const other = status.otherBuild ? ', of another build: restarted when idle' : '';
  const restarts = address?.restarts ?? 0;
  const again = restarts === 0 ? '' : `, a part was started again ${restarts} times`;
  const children = status.children
    .filter((c) => c.kind === 'ours' && !c.running)
    .map((c): Check => ({
      id: `server-${c.name}`,
      title: 'Server',
      state: 'missing',
      value: `${c.name} does not run; its log is in ${status.logs}`,
      next: RESTART,
      fix: 'server',
    }));
  const elsewhere = address?.engine !== undefined && engine !== undefined && address.engine !== engine;
  return [
    { ...base, state: 'ok', value: `${status.state}, process ${address?.pid ?? '?'}${other}${again}` },
    ...children,
    ...(elsewhere ? [otherEngine(address.engine ?? '', engine)] : []),
  ];
}

function otherEngine(has: string, wanted: string): Check {
  const value = `deploys on ${has}, this command means ${wanted}`;
  return { id: 'worker-engine', title: 'Worker', state: 'warning', value, next: 'dive up restarts it when idle' };
}

/** Does Temporal answer where it should? Nothing is said of a server that does not run. */
export async function checkTemporal(status: ServerStatus, config: ServerConfig): Promise<Check[]> {
  const address = config.temporalAddress ?? (status.state === 'ready' ? status.address?.temporalAddress : undefined);
  if (address === undefined) return [];
  const base = { id: 'temporal', title: 'Temporal' };
  const [host = '', port = '7233'] = address.split(/:(?=\d+$)/);
  const listening = (await within(listens(Number(port), host))) === true;
  const failure = listening ? await within(speak(address)) : undefined;
  if (listening && failure === undefined) return [{ ...base, state: 'ok', value: address }];
  const value = listening
    ? `what listens on ${address} does not answer as Temporal: ${failure?.message ?? ''}`
    : `nothing listens on ${address}`;
  if (config.temporalAddress === undefined) return [{ ...base, state: 'missing', value, next: RESTART, fix: 'server' }];
  const next = `correct TEMPORAL_ADDRESS${listening ? ' or TEMPORAL_TLS' : ''}, or unset it`;
  return [{ ...base, state: 'missing', value, next }];
}

/** Resolves when Temporal has said what it is. */
async function speak(address: string): Promise<void> {
  await import('../lean-protobuf.ts');
  const { connect } = await import('../../client/connect.ts');
  await (await connect({ address })).close();
}

/** Remembered ports that somebody else holds by now; only of a server that does not run. */
export async function checkPorts(status: ServerStatus): Promise<Check[]> {
  if (status.state !== 'stopped' && status.state !== 'none') return [];
  const ports = Object.entries(status.address?.ports ?? {});
  const taken = await Promise.all(
    ports.map(async ([name, port]) => ((await choosePort(port)) === port ? [] : [`${port} (${name})`])),
  );
  const value = taken.flat().join(', ');
  if (value === '') return [];
  return [{ id: 'ports', title: 'Ports', state: 'warning', value: `${value} taken meanwhile; others will be chosen` }];
}

/** The store, where its database answers, and what there is to say of it. */
export async function checkDatabase(
  status: ServerStatus,
  config: ServerConfig,
): Promise<{ checks: Check[]; store?: Store }> {
  const url = config.databaseUrl ?? (status.state === 'ready' ? status.address?.databaseUrl : undefined);
  if (url === undefined) return { checks: [] };
  const base = { id: 'postgres', title: 'PostgreSQL' };
  const store = await within(openStore({ databaseUrl: url, keyFile: config.keyFile, max: 2 }));
  const row = store instanceof Error ? store : await within(facts(store));
  if (row instanceof Error || store instanceof Error) {
    if (!(store instanceof Error)) void store.close().catch(() => undefined);
    const advice: Pick<Check, 'next' | 'fix'> =
      config.databaseUrl === undefined ? { next: RESTART, fix: 'server' } : { next: 'correct DIVE_DATABASE_URL' };
    return { checks: [{ ...base, state: 'missing', value: row instanceof Error ? row.message : '', ...advice }] };
  }
  const checks: Check[] = [{ ...base, state: 'ok', value: `${row.version}, schema ${row.schema ?? 'none yet'}` }];
  if (row.key !== null && row.key !== store.key.id) {
    const value = `what is stored was encrypted with another key (${row.key}) than ${config.keyFile} (${store.key.id})`;
    checks.push({ id: 'key-matches', title: 'Key', state: 'missing', value, next: 'put the right key file back' });
  }
  return { checks, store };
}

const Facts = z.object({ version: z.string(), schema: z.number().nullable(), key: z.string().nullable() });

async function facts(store: Store): Promise<z.infer<typeof Facts>> {
  const [found] = await queryRows(
    store,
    z.object({ version: z.string(), made: z.boolean() }),
    "SELECT current_setting('server_version') AS version, to_regclass('migrations') IS NOT NULL AS made",
  );
  const version = found?.version ?? '?';
  if (found?.made !== true) return { version, schema: null, key: null };
  const [row] = await queryRows(
    store,
    Facts.omit({ version: true }),
    `SELECT (SELECT max(version) FROM migrations) AS schema, (SELECT key_id FROM specs ORDER BY made_at DESC LIMIT 1) AS key`,
  );
  return { version, schema: row?.schema ?? null, key: row?.key ?? null };
}
