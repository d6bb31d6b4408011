import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { Store } from './connect.ts';
import { StoreFailure, storeFailure } from './store-failure.ts';

/** Of BEGIN, of SET and of the SELECT. */
const Answers = z.tuple([z.object({}), z.object({}), z.object({ rows: z.array(z.object({ fence: z.number() })) })]);

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
  // All in one message: every change to the engine waits for this. Nothing is written but the lock, which ends with the
  // transaction or with the database: nobody has to wait for the disk to have noted it.
  const select = `SELECT fence FROM instances WHERE code = ${client.escapeLiteral(instance)} FOR SHARE`;
  const [, , held] = Answers.parse(await client.query(`BEGIN; SET LOCAL synchronous_commit = off; ${select}`));
  const now = held.rows[0]?.fence;
  if (now !== fence) {
    throw new StoreFailure(
      'DIVE-1506',
      `operation ${fence} of ${instance} was overtaken by operation ${now ?? 'none'}`,
    );
  }
}
