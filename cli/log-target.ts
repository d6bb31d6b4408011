// Whose logs are meant: an instance, by name or by folder, and some of its services or all.
import { observeContainers } from '../adapters/docker/observe.ts';
import { type InstanceRow, listInstances } from '../adapters/store/instances.ts';
import { currentRelease } from '../adapters/store/releases.ts';
import { getSpec } from '../adapters/store/read-spec.ts';
import { isParkedName } from '../domain/names.ts';
import type { ProjectSpec } from '../schema/spec.ts';
import { CommandFailure, EXIT, invalid } from './exit.ts';
import { instancesFor } from './instances.ts';
import type { Session } from './session.ts';

export interface LogSource {
  readonly id: string;
  readonly service: string;
  readonly container: string;
  /** What stands in front of its lines: the service, with its number when there are several. */
  readonly title: string;
}

export interface LogTarget {
  readonly instance: string;
  readonly sources: readonly LogSource[];
  /** Texts to mask, longest first. */
  readonly secrets: readonly string[];
}

/** @throws CommandFailure DIVE-1001 for an instance or a service that is not there, DIVE-1604 for another site's */
export async function logTarget(session: Session, words: readonly string[]): Promise<LogTarget> {
  const { row, services } = await meant(session, words);
  if (row.site !== 'local') {
    throw new CommandFailure(
      { code: 'DIVE-1604', what: `its containers are on site ${row.site}, whose engine this command does not reach` },
      { instance: row.code, exitCode: EXIT.unreachable, now: ['nothing was touched'], next: ['dive logs there'] },
    );
  }
  const specs = await specsOf(session, row);
  const containers = await observeContainers(await session.siteEngine(), row.project);
  // One that is parked belongs to an operation under way and says nothing any more.
  const present = containers.filter((c) => !isParkedName(c.name));
  const known = new Set([...specs.flatMap((s) => s.services.map((one) => one.name)), ...present.map((c) => c.service)]);
  const unknown = services.filter((s) => !known.has(s));
  if (unknown.length > 0) {
    const message = `${row.code} has no service ${unknown.join(', ')}; it has ${[...known].join(', ')}`;
    throw invalid([{ code: 'DIVE-1001', message }], row.code);
  }
  const wanted = present.filter((c) => services.length === 0 || services.includes(c.service));
  return {
    instance: row.code,
    secrets: [...new Set(specs.flatMap((s) => s.secrets))].toSorted((a, b) => b.length - a.length),
    sources: wanted.map((c) => ({
      id: c.id,
      service: c.service,
      container: c.name,
      title: wanted.filter((o) => o.service === c.service).length > 1 ? `${c.service}-${c.number}` : c.service,
    })),
  };
}

/** The first word may be an instance; everything else is a service. A service of this folder wins over a code in lower case. */
async function meant(
  session: Session,
  words: readonly string[],
): Promise<{ row: InstanceRow; services: readonly string[] }> {
  const [first, ...others] = words;
  if (first !== undefined) {
    const all = await listInstances(await session.store()).catch(() => []);
    const exact = all.find((i) => i.code === first);
    if (exact) return { row: exact, services: others };
    const here = await instancesFor(session, [], {}).catch(() => []);
    const isService = (await Promise.all(here.map((i) => specsOf(session, i)))).some((specs) =>
      specs.some((s) => s.services.some((one) => one.name === first)),
    );
    const other = isService ? undefined : all.find((i) => i.code === first.toUpperCase());
    if (other) return { row: other, services: others };
  }
  const here = await instancesFor(session, [], {});
  const [only, second] = here;
  if (only !== undefined && second === undefined) return { row: only, services: words };
  const message = `there are several instances here, name one: ${here.map((i) => i.code).join(', ')}`;
  throw invalid([{ code: 'DIVE-1001', message }]);
}

/** What runs, and what was tried last: the secrets of both may stand in a log. */
async function specsOf(session: Session, row: InstanceRow): Promise<ProjectSpec[]> {
  const store = await session.store();
  const release = await currentRelease(store, row.code);
  const digests = [release?.spec_digest, row.registered_spec].filter((d) => d !== undefined && d !== null);
  return Promise.all([...new Set(digests)].map((digest) => getSpec(store, digest)));
}
