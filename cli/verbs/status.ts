// `dive status`: how everything is now, asked now.
import '../lean-zod.ts';
import { observeContainers } from '../../adapters/docker/observe.ts';
import type { InstanceRow } from '../../adapters/store/instances.ts';
import { askServices } from '../ask-services.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { instancesFor } from '../instances.ts';
import { duration } from '../output/durations.ts';
import { failureLines } from '../output/failure.ts';
import { serviceLines } from '../output/service-lines.ts';
import type { Session } from '../session.ts';
import { type ExplainedStatus, explain } from '../under-way.ts';

export async function status(session: Session, codes: readonly string[]): Promise<number> {
  // The engine is connected while the database answers; whoever needs it hears why it failed.
  session.siteEngine().catch(() => undefined);
  const instances = await instancesOrAll(session, codes);
  const found = await Promise.all(instances.map(async (row) => ({ row, ...(await look(session, row)) })));
  session.output.json({
    version: 1,
    instances: found.map(({ row, services, operation, asked }) => ({
      instance: row.code,
      role: row.role,
      site: row.site,
      state: row.state,
      release: row.release,
      operation,
      asked,
      services,
      federation: [],
    })),
  });
  if (found.length === 0) session.output.say('nothing was raised here yet: dive up');
  for (const each of found) say(session, each);
  const sick = found.some(({ services }) => services.some((s) => !s.healthy && s.class === 'core'));
  const unknown = found.some(({ row, asked }) => !asked && row.state !== 'UNKNOWN');
  return sick ? EXIT.failed : unknown ? EXIT.unreachable : EXIT.done;
}

async function instancesOrAll(session: Session, codes: readonly string[]): Promise<InstanceRow[]> {
  if (codes.length > 0) return instancesFor(session, codes, {});
  try {
    return await instancesFor(session, [], {});
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // Nothing of this folder was raised: then all there is. Why a dive.yaml that is there does not help is said.
    if (error.details.code !== 'DIVE-1001') {
      for (const line of failureLines(session.output, error)) session.output.error(line);
      session.output.error('All instances are shown instead:');
    }
  }
  const { listInstances } = await import('../../adapters/store/instances.ts');
  return (await listInstances(await session.store())).filter((i) => i.state !== 'UNKNOWN');
}

interface Looked {
  readonly services: readonly ExplainedStatus[];
  /** Number of the operation that runs. */
  readonly operation: number | null;
  /** One is open that Temporal does not run. */
  readonly lost: boolean;
  /** false: its site has an engine that this command does not reach, so nothing is known of its services. */
  readonly asked: boolean;
}

async function look(session: Session, row: InstanceRow): Promise<Looked> {
  const [{ currentRelease }, { getSpec }, { listOperations }] = await Promise.all([
    import('../../adapters/store/releases.ts'),
    import('../../adapters/store/read-spec.ts'),
    import('../../adapters/store/operations.ts'),
  ]);
  const store = await session.store();
  const asked = row.site === 'local';
  const [release, [latest], observed] = await Promise.all([
    currentRelease(store, row.code),
    listOperations(store, row.code, 1),
    asked ? observeContainers(await session.siteEngine(), row.project) : undefined,
  ]);
  const digest = release?.spec_digest ?? row.registered_spec;
  const spec = digest ? await getSpec(store, digest) : undefined;
  const open = latest && latest.ended_at === null ? latest.fence : null;
  const lost = open !== null && (await isLost(session, row.code));
  const operation = lost ? null : open;
  if (!spec || !observed || row.state === 'UNKNOWN') return { services: [], operation, lost, asked };
  const services = await askServices(await session.siteEngine(), spec, observed);
  const underWay =
    operation === null || latest === undefined
      ? undefined
      : {
          number: operation,
          startedAtMs: latest.started_at.getTime(),
          state: row.state,
          hadRelease: row.release !== null,
        };
  return { services: explain(services, observed, underWay), operation, lost, asked };
}

/** The store has an operation open that Temporal does not run: somebody terminated it. */
async function isLost(session: Session, code: string): Promise<boolean> {
  const { findHolder } = await import('../../client/operations.ts');
  return (await findHolder(await session.temporal(), code)) === undefined;
}

function say(
  session: Session,
  { row, services, operation, lost, asked }: Looked & { readonly row: InstanceRow },
): void {
  const { output } = session;
  const age = duration(Date.now() - row.state_since.getTime());
  const sick = services.filter((s) => !s.healthy && s.underWay === null);
  const word = lost ? 'UNFINISHED' : wordOf(row, sick.length, asked);
  output.say(`${row.code}   ${word}   release ${row.release ?? 'none'}   ${age}   site ${row.site}`);
  if (lost) output.say('  its operation was terminated half way: dive up goes on from there');
  if (operation !== null) output.say(`  operation ${operation} is under way: dive watch ${row.code} looks on`);
  if (!asked && row.state !== 'UNKNOWN')
    output.say(`  its services were not asked: site ${row.site} has an engine of its own; run dive status there`);
  for (const line of serviceLines(services, output, Date.now())) output.say(line);
}

function wordOf(row: InstanceRow, sick: number, asked: boolean): string {
  if (row.state === 'UNKNOWN') return 'down';
  if (row.state !== 'COMPLETE') return row.state.toLowerCase().replace('_', ' ');
  return !asked ? 'complete, when it was last deployed' : sick === 0 ? 'up' : 'SICK';
}
