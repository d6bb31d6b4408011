// The hub broken on purpose, one part at a time: who `dive status` names, and what puts it right. Each leaves it whole.
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { docker, until } from '../support/command.ts';
import type { Hub } from '../support/hub.ts';

/** From the break to the right answer. */
const NAMED_WITHIN_MS = 10_000;
/** Keycloak's pool needs a moment with a database that is back. */
const WHOLE_WITHIN_MS = 30_000;

/** Who is sick, each with the root of it; null for the root. All others are well. */
type Sick = Readonly<Record<string, string | null>>;
type Repair = 'dive up' | ((hub: Hub) => Promise<unknown>);

const ALL_WELL: Sick = {};
const NEEDED_BY: Readonly<Record<string, Sick>> = {
  postgres: { postgres: null, keycloak: 'postgres', backend: 'postgres' },
  keycloak: { keycloak: null, backend: 'keycloak' },
  redis: { redis: null, backend: 'redis' },
  opa: { opa: null, backend: 'opa' },
  backend: { backend: null },
};

const Status = z.object({
  instances: z.tuple([
    z.object({
      services: z
        .array(
          z.object({
            service: z.string(),
            healthy: z.boolean(),
            evidence: z.string(),
            victimOf: z.string().nullable(),
          }),
        )
        .length(5),
    }),
  ]),
});

/** The tests; `raised` is asked when they run, and must be all well then. */
export function drills(raised: () => Hub): void {
  test.each(Object.entries(NEEDED_BY))('%s killed: named at once, and dive up starts it', async (service, sick) => {
    const hub = raised();
    await docker('kill', hub.project.container(service));
    expect(await named(hub, sick)).toMatchObject({ [service]: 'exit 137' });
    await repaired(hub, 'dive up');
  });

  test.each(Object.entries(NEEDED_BY))('%s paused: named', async (service, sick) => {
    const hub = raised();
    const container = hub.project.container(service);
    await afterItsCheck(container);
    await docker('pause', container);
    try {
      expect(await named(hub, sick)).toMatchObject({ [service]: 'the container is paused' });
    } finally {
      await docker('unpause', container);
    }
    await repaired(hub, async () => undefined);
  });

  test('another password of the administrator in PostgreSQL: PostgreSQL alone, for others have roles of their own', async () => {
    const hub = raised();
    await password(hub, 'postgres', 'POSTGRES_PASSWORD-is-another');
    expect(await named(hub, { postgres: null })).toMatchObject({ postgres: expect.stringContaining('password auth') });
    await repaired(hub, async () => password(hub, 'postgres', (await hub.settings())['POSTGRES_PASSWORD']));
  });

  test("another password of Keycloak's role: Keycloak is named, not the database that is right to refuse it", async () => {
    const hub = raised();
    await password(hub, 'keycloak', 'KEYCLOAK_DB_PASSWORD-is-another');
    await disconnect(hub, 'keycloak');
    await named(hub, { keycloak: null, backend: 'keycloak' });
    await repaired(hub, async () => password(hub, 'keycloak', (await hub.settings())['KEYCLOAK_DB_PASSWORD']));
  });

  test("another password of the back end's role: the back end alone", async () => {
    const hub = raised();
    await password(hub, 'backend', 'BACKEND_DB_PASSWORD-is-another');
    await disconnect(hub, 'documents');
    await named(hub, { backend: null });
    await repaired(hub, async () => password(hub, 'backend', (await hub.settings())['BACKEND_DB_PASSWORD']));
  });

  test('another password in Redis: Redis alone, for connections that are open stay; dive up restarts it', async () => {
    const hub = raised();
    await docker('exec', hub.project.container('redis'), 'redis-cli', '-e', 'config', 'set', 'requirepass', 'another');
    expect(await named(hub, { redis: null })).toMatchObject({ redis: expect.stringContaining('WRONGPASS') });
    await repaired(hub, 'dive up');
  });

  test('its database gone under Keycloak: Keycloak is named, for PostgreSQL itself writes and reads', async () => {
    const hub = raised();
    await sql(hub, 'alter database keycloak allow_connections false');
    await disconnect(hub, 'keycloak');
    await sql(hub, 'alter database keycloak rename to elsewhere');
    await named(hub, { keycloak: null, backend: 'keycloak' });
    await repaired(hub, async () => {
      await sql(hub, 'alter database elsewhere rename to keycloak');
      await sql(hub, 'alter database keycloak allow_connections true');
    });
  });

  test('the policy missing in OPA: OPA is named; once the file is back dive up restarts it', async () => {
    const hub = raised();
    const policy = path.join(hub.project.path, 'policy', 'dive');
    const elsewhere = path.join(hub.project.path, 'policy-elsewhere');
    await rename(policy, elsewhere);
    await docker('restart', '-t', '1', hub.project.container('opa'));
    await named(hub, { opa: null, backend: 'opa' });
    await rename(elsewhere, policy);
    await repaired(hub, 'dive up');
  });
}

/**
 * Asks `dive status` until it says that, and none of its answers on the way may blame somebody else. Gives what it said
 * of each.
 */
async function named(hub: Hub, sick: Sick, withinMs = NAMED_WITHIN_MS): Promise<Record<string, string>> {
  const brokenAt = Date.now();
  for (;;) {
    const ran = await hub.project.dive('status', '--json');
    const tookMs = Date.now() - brokenAt;
    const [{ services }] = Status.parse(JSON.parse(ran.stdout)).instances;
    const found = services.filter((s) => !s.healthy);
    const said = Object.fromEntries(found.map((s) => [s.service, s.victimOf]));
    expect(sick).toMatchObject(said);
    if (Object.keys(said).length === Object.keys(sick).length) {
      expect({ said, ran: ran.code, inTime: tookMs <= withinMs }).toEqual({
        said: sick,
        ran: found.length === 0 ? 0 : 1,
        inTime: true,
      });
      return Object.fromEntries(services.map((s) => [s.service, s.evidence]));
    }
    if (tookMs > withinMs) throw new Error(`after ${tookMs} ms: ${JSON.stringify(services)}`);
    await pause(200);
  }
}

async function repaired(hub: Hub, repair: Repair): Promise<void> {
  if (repair === 'dive up') {
    const up = await hub.project.dive('up');
    if (up.code !== 0) throw new Error(`dive up ended with ${up.code}: ${up.stdout}${up.stderr}`);
  } else await repair(hub);
  await until(
    'all is well',
    async () => ((await hub.project.dive('status')).code === 0 ? true : undefined),
    WHOLE_WITHIN_MS,
  );
  await named(hub, ALL_WELL);
}

/** An old engine can lock up when a pause meets the start of a check: the moment after one has ended is a good one. */
async function afterItsCheck(container: string): Promise<void> {
  const ended = () => docker('inspect', '-f', '{{range .State.Health.Log}}{{.End}} {{end}}', container);
  const before = String(await ended());
  await until(`a check of ${container} ends`, async () => (String(await ended()) !== before ? true : undefined));
}

function sql(hub: Hub, statement: string): Promise<string[]> {
  return docker('exec', hub.project.container('postgres'), 'psql', '-qAt', '-U', 'postgres', '-c', statement);
}

function password(hub: Hub, role: string, text = ''): Promise<string[]> {
  return sql(hub, `alter role ${role} password '${text}'`);
}

/** Open connections outlive a new password. */
function disconnect(hub: Hub, database: string): Promise<string[]> {
  return sql(hub, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);
}
