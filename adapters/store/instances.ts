import { z } from 'zod';
import { STATES } from '../../domain/states.ts';
import { type Store, query, queryRows } from './connect.ts';
import { StoreFailure } from './store-failure.ts';

export const InstanceRow = z.object({
  code: z.string(),
  role: z.enum(['hub', 'spoke']),
  project: z.string(),
  site: z.string(),
  folder: z.string(),
  topology_file: z.string().nullable(),
  state: z.enum(STATES),
  fence: z.number(),
  registered_spec: z.string().nullable(),
  release: z.number().nullable(),
  state_since: z.date(),
});
export type InstanceRow = z.infer<typeof InstanceRow>;

export interface Registration {
  readonly code: string;
  readonly role: 'hub' | 'spoke';
  readonly project: string;
  readonly site: string;
  /** Absolute folder of the Compose file. */
  readonly folder: string;
  readonly topologyFile: string | null;
  readonly spec: string;
  /** Register even though it is deployed from another folder. */
  readonly move: boolean;
}

/**
 * Registers or refreshes an instance. Throws DIVE-1008 when it is deployed from another folder and `move` is false, when
 * it is deployed as another project or on another site, whose containers nobody would know of any more, and when the
 * project is deployed on that site as another instance.
 */
export async function registerInstance(store: Store, r: Registration): Promise<void> {
  const rows = await query(
    store,
    `INSERT INTO instances (code, role, project, site, folder, topology_file, registered_spec)
     SELECT $1, $2, $3, $4, $5, $6, $7
     WHERE NOT EXISTS (SELECT 1 FROM instances WHERE project = $3 AND site = $4 AND code <> $1 AND state <> 'UNKNOWN')
     ON CONFLICT (code) DO UPDATE
       SET role = $2, project = $3, site = $4, folder = $5, topology_file = $6, registered_spec = $7
       WHERE instances.state = 'UNKNOWN'
         OR (instances.project = $3 AND instances.site = $4 AND (instances.folder = $5 OR $8))
     RETURNING code`,
    [r.code, r.role, r.project, r.site, r.folder, r.topologyFile, r.spec, r.move],
  );
  if (rows.length > 0) return;
  const why = await registrationConflict(store, r);
  throw new StoreFailure('DIVE-1008', why ?? `${r.code} was registered otherwise at the same moment: try again`);
}

/** That another instance has the project deployed on the site, and what can be done; undefined when none has. */
export async function projectConflict(
  store: Store,
  { code, project, site }: Pick<Registration, 'code' | 'project' | 'site'>,
): Promise<string | undefined> {
  const [holder] = await queryRows(
    store,
    InstanceRow,
    "SELECT * FROM instances WHERE project = $1 AND site = $2 AND code <> $3 AND state <> 'UNKNOWN'",
    [project, site, code],
  );
  return (
    holder &&
    `the project ${project} is deployed as ${holder.code} from ${holder.folder}: dive down ${holder.code} first, or name this one otherwise`
  );
}

/** Why `registerInstance` refuses it as long as nothing moves; undefined when it does not. */
export async function registrationConflict(
  store: Store,
  registration: Pick<Registration, 'code' | 'project' | 'site' | 'folder'>,
): Promise<string | undefined> {
  const { code, project, site, folder } = registration;
  const held = await projectConflict(store, registration);
  if (held !== undefined) return held;
  const own = await findInstance(store, code);
  if (!own || own.state === 'UNKNOWN') return undefined;
  if (own.site !== site) return `it is deployed on site ${own.site}: dive down ${code} first`;
  if (own.project !== project)
    return `it is deployed as the Compose project ${own.project}, and this is ${project}: dive down ${code} first`;
  return own.folder === folder ? undefined : `it is deployed from ${own.folder}: --move takes it over`;
}

export async function findInstance(store: Store, code: string): Promise<InstanceRow | undefined> {
  const [row] = await query(store, 'SELECT * FROM instances WHERE code = $1', [code]);
  return row === undefined ? undefined : InstanceRow.parse(row);
}

export function listInstances(store: Store): Promise<InstanceRow[]> {
  return queryRows(store, InstanceRow, 'SELECT * FROM instances ORDER BY role, code');
}

/** Everything that was ever known of it, and the specs that nobody else refers to. Only for what was taken down. */
export async function forgetInstance(store: Store, code: string): Promise<void> {
  await query(
    store,
    `WITH its AS (
       SELECT registered_spec AS digest FROM instances WHERE code = $1
       UNION SELECT spec_digest FROM operations WHERE instance = $1
       UNION SELECT spec_digest FROM releases WHERE instance = $1
     ), steps_ AS (DELETE FROM steps WHERE instance = $1), parked_ AS (DELETE FROM parked WHERE instance = $1),
     transitions_ AS (DELETE FROM transitions WHERE instance = $1),
     releases_ AS (DELETE FROM releases WHERE instance = $1),
     operations_ AS (DELETE FROM operations WHERE instance = $1),
     instances_ AS (DELETE FROM instances WHERE code = $1)
     DELETE FROM specs WHERE digest IN (SELECT digest FROM its)
       AND NOT EXISTS (SELECT 1 FROM instances WHERE code <> $1 AND registered_spec = specs.digest)
       AND NOT EXISTS (SELECT 1 FROM operations WHERE instance <> $1 AND spec_digest = specs.digest)
       AND NOT EXISTS (SELECT 1 FROM releases WHERE instance <> $1 AND spec_digest = specs.digest)`,
    [code],
  );
}

/** The id that labels everything this store's operations make. */
export async function storeId(store: Store): Promise<string> {
  const [row] = await queryRows(store, z.object({ id: z.string() }), 'SELECT id FROM store');
  if (!row) throw new StoreFailure('DIVE-1501', 'the store has no id');
  return row.id;
}
