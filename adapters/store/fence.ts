import type { PoolClient } from 'pg';
import { z } from 'zod';
import { type Store, query } from './connect.ts';
import { StoreFailure, storeFailure } from './store-failure.ts';

/** Of BEGIN, of the lock and of the SELECT. */
const Answers = z.tuple([z.object({}), z.object({}), z.object({ rows: z.array(z.object({ fence: z.number() })) })]);

/**
 * The fence is a lock of its own, an advisory one, and not that of the instance's row: whoever shares the lock of a row
 * passes those who wait to have it alone, for ever where always one begins before another ends. Advisory locks are a
 * queue. And who only moves the state waits for no engine. `code`: an SQL expression.
 */
function lockOf(code: string): string {
  return `hashtextextended('dive fence ' || ${code}::text, 0)`;
}

/**
 * Waits for all changes under way, and keeps new ones waiting until the end of the transaction. The body of a CTE, which
 * the statement must join.
 */
export function fenceAlone(code: string): string {
  return `SELECT pg_advisory_xact_lock(${lockOf(code)})`;
}

/** Waits until all changes have ended that are under way for the instance; not for those that begin meanwhile. */
export async function changesEnded(store: Pick<Store, 'pool'>, instance: string): Promise<void> {
  await query(store, fenceAlone('$1'), [instance]);
}

/**
 * Runs one short change to the outside while holding the instance's fence: a newer operation's bump waits for it, and
 * an operation that is no longer the newest changes nothing.
 * Throws DIVE-1506 when fenced off; whatever `change` throws otherwise.
 */
export async function withFence<T>(
  store: Pick<Store, 'pool'>,
  instance: string,
  fence: number,
  change: () => Promise<T>,
): Promise<T> {
  let client: PoolClient;
  try {
    client = await store.pool.connect();
  } catch (error) {
    throw storeFailure(error, store.pool);
  }
  let broken = false;
  try {
    await holdFence(client, instance, fence).catch((error: unknown) => {
      broken = !(error instanceof StoreFailure);
      throw storeFailure(error, store.pool);
    });
    const result = await change();
    await client.query('COMMIT').catch((error: unknown) => {
      broken = true;
      throw storeFailure(error, store.pool);
    });
    return result;
  } catch (error) {
    if (!broken) await client.query('ROLLBACK').catch(() => (broken = true));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function holdFence(client: PoolClient, instance: string, fence: number): Promise<void> {
  // All in one message: every change to the engine waits for this. Nothing is written, so nothing waits for the disk.
  const code = client.escapeLiteral(instance);
  const share = `SELECT pg_advisory_xact_lock_shared(${lockOf(code)})`;
  const select = `SELECT fence FROM instances WHERE code = ${code}`;
  const [, , held] = Answers.parse(await client.query(`BEGIN; ${share}; ${select}`));
  const now = held.rows[0]?.fence;
  if (now !== fence) {
    throw new StoreFailure(
      'DIVE-1506',
      `operation ${fence} of ${instance} was overtaken by operation ${now ?? 'none'}`,
    );
  }
}
