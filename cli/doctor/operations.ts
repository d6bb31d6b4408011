// What operations left open, and images that instances need and the engine does not have.
import type { Engine } from '../../adapters/docker/connect.ts';
import { inspectImage } from '../../adapters/docker/inspect.ts';
import { type Store, queryRows } from '../../adapters/store/connect.ts';
import { listInstances } from '../../adapters/store/instances.ts';
import { getSpec } from '../../adapters/store/read-spec.ts';
import { z } from 'zod';
import { type Check, within } from './check.ts';

const Open = z.object({ instance: z.string(), fence: z.number() });
const Parked = z.object({ instance: z.string(), parked_name: z.string() });

/** `isRunning`: does Temporal run an operation of this instance? Asked only of those that the store has open. */
export async function checkOperations(store: Store, isRunning: (code: string) => Promise<boolean>): Promise<Check[]> {
  const open = await queryRows(store, Open, 'SELECT instance, fence FROM operations WHERE ended_at IS NULL');
  const lost = await Promise.all(
    open.map(async (o): Promise<Check[]> => {
      const runs = await within(isRunning(o.instance));
      if (runs !== false) return [];
      const value = `operation ${o.fence} of ${o.instance} was terminated half way`;
      return [
        { id: 'lost-operation', title: 'Operations', state: 'warning', value, next: 'dive up goes on from there' },
      ];
    }),
  );
  const windows = await queryRows(
    store,
    Parked,
    `SELECT p.instance, p.parked_name FROM parked p JOIN operations o USING (instance, fence)
     WHERE p.closed_at IS NULL AND o.ended_at IS NOT NULL`,
  );
  const parked = windows.map((w): Check => ({
    id: 'parked',
    title: 'Containers',
    state: 'warning',
    value: `${w.parked_name} of ${w.instance} was put aside and is still there`,
    next: 'dive up closes it',
  }));
  const found = [...lost.flat(), ...parked];
  const value = open.length === 0 ? 'none under way, nothing left open' : `${open.length} under way, nothing left open`;
  return found.length > 0 ? found : [{ id: 'operations', title: 'Operations', state: 'ok', value }];
}

/** Of instances that are raised, on site `local`. */
export async function checkImages(store: Store, engine: Engine): Promise<Check[]> {
  const rows = (await listInstances(store)).filter((i) => i.site === 'local' && i.state !== 'UNKNOWN');
  const specs = await Promise.all(
    rows.flatMap(({ code, registered_spec: digest }) =>
      digest === null ? [] : [getSpec(store, digest).then((spec) => ({ code, spec }))],
    ),
  );
  const wanted = specs.flatMap(({ code, spec }) =>
    spec.services.map((s) => ({ code, image: s.image, build: s.build })),
  );
  const unique = [...new Map(wanted.map((w) => [w.image, w])).values()];
  const missing = await Promise.all(
    unique.map(async (w) => ((await inspectImage(engine, w.image)) === undefined ? [w] : [])),
  );
  const gone = missing.flat().map((w): Check => ({
    id: 'image',
    title: 'Images',
    state: 'warning',
    value: `${w.image} of ${w.code} is not on the engine`,
    next: `dive up ${w.build ? 'builds' : 'pulls'} it`,
  }));
  if (gone.length > 0 || unique.length === 0) return gone;
  return [{ id: 'images', title: 'Images', state: 'ok', value: `all ${unique.length} of what is raised are here` }];
}
