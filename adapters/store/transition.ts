import { z } from 'zod';
import type { InstanceState } from '../../domain/states.ts';
import { type Store, query, queryRows } from './connect.ts';
import { findInstance } from './instances.ts';
import { StoreFailure } from './store-failure.ts';

/**
 * Moves the instance to `to` and logs it, in one statement that finds no row when the transition is illegal or the
 * fence was overtaken. Already there is success (a retried activity). Throws DIVE-1505 or DIVE-1506.
 */
export async function transition(store: Store, instance: string, fence: number, to: InstanceState): Promise<void> {
  const moved = await query(
    store,
    `WITH before AS (SELECT code, state FROM instances WHERE code = $1 AND fence = $2 FOR UPDATE),
          moved AS (
            UPDATE instances i SET state = $3, state_since = now() FROM before b
            WHERE i.code = b.code AND EXISTS (
              SELECT 1 FROM legal_transitions l WHERE l.from_state = b.state AND l.to_state = $3)
            RETURNING b.state AS from_state)
     INSERT INTO transitions (instance, fence, from_state, to_state) SELECT $1, $2, from_state, $3 FROM moved RETURNING seq`,
    [instance, fence, to],
  );
  if (moved.length > 0) return;
  const [now] = await queryRows(
    store,
    z.object({ state: z.string(), fence: z.number() }),
    'SELECT state, fence FROM instances WHERE code = $1',
    [instance],
  );
  if (now?.fence !== fence)
    throw new StoreFailure('DIVE-1506', `operation ${fence} of ${instance} was overtaken by ${now?.fence ?? 'none'}`);
  if (now.state === to) return;
  throw new StoreFailure('DIVE-1505', `${instance} cannot go from ${now.state} to ${to}`);
}

/**
 * Through `states`, in this order. One that was moved part of the way (a retried activity) goes on from where it
 * stands. Throws as `transition`.
 */
export async function moveThrough(
  store: Store,
  { instance, fence }: { readonly instance: string; readonly fence: number },
  states: readonly InstanceState[],
): Promise<void> {
  if (states.length === 0) return;
  const now = (await findInstance(store, instance))?.state;
  const passed = now === undefined ? -1 : states.lastIndexOf(now);
  for (const to of states.slice(passed + 1)) await transition(store, instance, fence, to);
}
