// Labelled documents, in PostgreSQL.
import { Pool } from 'pg';
import { z } from 'zod';
import type { Label } from './policy.ts';
import { NEIGHBOUR_MS } from './within.ts';

const Row = z.object({
  id: z.string(),
  title: z.string(),
  classification: z.string(),
  releasable_to: z.array(z.string()),
  communities: z.array(z.string()),
});
const FullRow = Row.extend({ content: z.string() });

export interface DocumentHead extends Label {
  readonly id: string;
  readonly title: string;
}

export interface Document extends DocumentHead {
  readonly content: string;
}

export interface DocumentStore {
  heads(): Promise<DocumentHead[]>;
  find(id: string): Promise<Document | undefined>;
}

const HEAD = 'id, title, classification, releasable_to, communities';

/** Nothing a query does may take longer than 2 s; `onError` hears of idle connections that break. */
export function openPool(databaseUrl: string, onError: (error: Error) => void): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 5,
    connectionTimeoutMillis: NEIGHBOUR_MS,
    query_timeout: NEIGHBOUR_MS,
    application_name: 'dive-backend',
  });
  pool.on('error', onError);
  return pool;
}

export function postgresDocuments(pool: Pick<Pool, 'query'>): DocumentStore {
  return {
    async heads() {
      const { rows } = await pool.query(`SELECT ${HEAD} FROM documents ORDER BY id`);
      return rows.map((row: unknown) => head(Row.parse(row)));
    },
    async find(id) {
      const { rows } = await pool.query(`SELECT ${HEAD}, content FROM documents WHERE id = $1`, [id]);
      if (rows.length === 0) return undefined;
      const row = FullRow.parse(rows[0]);
      return { ...head(row), content: row.content };
    },
  };
}

function head(row: z.infer<typeof Row>): DocumentHead {
  const { id, title, classification, communities } = row;
  return { id, title, classification, releasableTo: row.releasable_to, communities };
}
