// A store of before, brought to what this code knows.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Pool } from 'pg';
import { migrate } from '../../adapters/store/migrate.ts';

const FOLDER = path.resolve(__dirname, '..', '..', 'adapters', 'store', 'migrations');
const SERVER = process.env.DIVE_TEST_DATABASE_URL ?? '';

/** A database of its own on the server of the run, with the schema of that version. */
async function database(version: number): Promise<AsyncDisposable & { readonly pool: Pool }> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ connectionString: SERVER });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href });
  await pool.query('CREATE TABLE migrations (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())');
  for (let n = 1; n <= version; n += 1) {
    await pool.query(await readFile(path.join(FOLDER, `${String(n).padStart(6, '0')}.sql`), 'utf8'));
    await pool.query('INSERT INTO migrations (version) VALUES ($1)', [n]);
  }
  return {
    pool,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
    },
  };
}

test('of two instances that hold one project, the one that was deployed last keeps it', async () => {
  await using old = await database(2);
  await old.pool.query(`
    INSERT INTO instances (code, role, project, folder, state, state_since) VALUES
      ('A', 'hub', 'shop', '/a', 'COMPLETE', now() - interval '2 days'),
      ('B', 'hub', 'shop', '/b', 'COMPLETE', now() - interval '1 day'),
      ('C', 'hub', 'shop', '/c', 'UNKNOWN', now()),
      ('D', 'hub', 'bank', '/d', 'FAILED', now())`);
  expect(await migrate(old)).toBeGreaterThanOrEqual(3);
  const { rows } = await old.pool.query('SELECT code, state FROM instances ORDER BY code');
  expect(rows).toEqual([
    { code: 'A', state: 'UNKNOWN' },
    { code: 'B', state: 'COMPLETE' },
    { code: 'C', state: 'UNKNOWN' },
    { code: 'D', state: 'FAILED' },
  ]);
});
