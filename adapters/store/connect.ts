import { readFile } from 'node:fs/promises';
import { Pool, types } from 'pg';
import { z } from 'zod';
import { storeFailure } from './store-failure.ts';
import { readKey, type Key } from './encryption.ts';

// bigint columns (fences, counters) stay far below 2^53 here.
types.setTypeParser(20, Number);

export interface Store {
  readonly pool: Pool;
  readonly key: Key;
  close(): Promise<void>;
}

/**
 * Opens the store; connects on first use.
 * `keyFile`: 32 random bytes as hex. `databaseUrl`: a PostgreSQL URL. `max`: connections, default 10; `min` of them stay
 * open when they have nothing to do, default 0.
 */
export async function openStore(options: {
  databaseUrl: string;
  keyFile: string;
  min?: number;
  max?: number;
}): Promise<Store> {
  const key = readKey(await readFile(options.keyFile, 'utf8'));
  const pool = new Pool({
    connectionString: options.databaseUrl,
    min: options.min ?? 0,
    max: options.max ?? 10,
    // One that was cut on the way without a word is noticed within a minute.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    application_name: 'dive',
    // A frozen worker must not hold the fence for ever: above the longest engine call made under it.
    idle_in_transaction_session_timeout: 20_000,
    lock_timeout: 30_000,
  });
  // Without a listener a lost idle connection would end the process; the next query reports it.
  pool.on('error', () => undefined);
  return { pool, key, close: () => pool.end() };
}

/** Does a PostgreSQL answer there, within 5 s? @throws StoreFailure DIVE-1602 naming the address */
export async function assertDatabase(databaseUrl: string): Promise<void> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  pool.on('error', () => undefined);
  try {
    await query({ pool }, 'SELECT 1');
  } finally {
    // A connection that never came about closes when it likes.
    pool.end().catch(() => undefined);
  }
}

/** Runs one statement; rows as they come. Throws StoreFailure. */
export async function query(
  store: Pick<Store, 'pool'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<unknown[]> {
  try {
    return (await store.pool.query(text, [...values])).rows;
  } catch (error) {
    throw storeFailure(error, store.pool);
  }
}

/** The same with every row checked: a row of another shape is a fault of ours and says so. */
export async function queryRows<T>(
  store: Pick<Store, 'pool'>,
  shape: z.ZodType<T>,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  return z.array(shape).parse(await query(store, text, values));
}
