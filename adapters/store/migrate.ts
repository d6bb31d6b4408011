import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from './connect.ts';
import { StoreFailure, storeFailure } from './store-failure.ts';

const FOLDER = join(__dirname, 'migrations');

/**
 * Brings the database to the newest schema, each numbered file once, in order. Two processes may do it at once: the
 * table lock makes one wait. Takes the version reached; throws DIVE-1602, or DIVE-1605 for a database newer than this code.
 */
export async function migrate(store: Pick<Store, 'pool'>): Promise<number> {
  const files = (await readdir(FOLDER)).filter((f) => /^\d{6}\.sql$/.test(f)).sort();
  const newest = Number(files.at(-1)?.slice(0, 6) ?? 0);
  let client;
  try {
    client = await store.pool.connect();
  } catch (error) {
    throw storeFailure(error, store.pool);
  }
  try {
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
    );
    await client.query('BEGIN');
    await client.query('LOCK TABLE migrations IN EXCLUSIVE MODE');
    const { rows } = await client.query<{ version: number | null }>('SELECT max(version) AS version FROM migrations');
    const has = rows[0]?.version ?? 0;
    if (has > newest)
      throw new StoreFailure('DIVE-1605', `the database has schema ${has}, this dive knows ${newest}: update dive`);
    for (const file of files.filter((f) => Number(f.slice(0, 6)) > has)) {
      await client.query(await readFile(join(FOLDER, file), 'utf8'));
      await client.query('INSERT INTO migrations (version) VALUES ($1)', [Number(file.slice(0, 6))]);
    }
    await client.query('COMMIT');
    return newest;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw storeFailure(error, store.pool);
  } finally {
    client.release();
  }
}
