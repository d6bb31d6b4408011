// A database that refuses the password it was given: its volume was initialised with another one. Pure.
import type { ServiceSpec } from '../schema/spec.ts';
import type { FailureDetails } from './failures.ts';

type Known = Pick<ServiceSpec, 'name' | 'image' | 'body' | 'dependsOn'>;

/** What clients and servers say then, and the images that take a password only while their volume is empty. */
const REFUSALS: readonly { readonly says: RegExp; readonly image: RegExp }[] = [
  { says: /password authentication failed for user/i, image: /postgres|postgis|timescale|pgvector/i },
  { says: /access denied for user/i, image: /mysql|mariadb|percona/i },
  { says: /authentication failed/i, image: /mongo/i },
];

/**
 * Root and advice when `failure` says that a password was refused, and the service that refuses it, the failed one or
 * one that it needs, keeps its data in a volume that was there before the operation. `before`: names of those volumes.
 */
export function refusedByOldVolume(
  failure: Pick<FailureDetails, 'what' | 'why' | 'service'>,
  services: readonly Known[],
  before: readonly string[],
): Pick<FailureDetails, 'root' | 'next'> | undefined {
  const said = [failure.what, ...(failure.why ?? [])].join('\n');
  const near = withNeeds(failure.service ?? '', services);
  for (const { says, image } of REFUSALS) {
    if (!says.test(said)) continue;
    const database = near.find((s) => image.test(s.image) && volumesOf(s).some((v) => before.includes(v)));
    const volume = database && volumesOf(database).find((v) => before.includes(v));
    if (database === undefined || volume === undefined) continue;
    return {
      root: `${database.name} refuses the password: its volume ${volume} is older and keeps the one it was made with`,
      next: [
        'put the old password back, then   dive up',
        `or change it in the database to the new one, then   dive up`,
        `or give up its data: dive down, docker volume rm ${volume}, dive up`,
      ],
    };
  }
  return undefined;
}

/** The service first, then what it needs, nearest first. */
function withNeeds(name: string, services: readonly Known[]): Known[] {
  const found: Known[] = [];
  for (let names = [name]; names.length > 0;) {
    const layer = services.filter((s) => names.includes(s.name) && !found.includes(s));
    found.push(...layer);
    names = layer.flatMap((s) => s.dependsOn.map((d) => d.service));
  }
  return found;
}

/** Names of the volumes that it mounts, in both notations of the engine. */
function volumesOf(service: Known): string[] {
  const { Binds, Mounts } = service.body.HostConfig;
  const binds = Array.isArray(Binds) ? Binds.map((bind) => String(bind).split(':')[0] ?? '') : [];
  const mounts = Array.isArray(Mounts)
    ? Mounts.map((mount: unknown) => String(Reflect.get(Object(mount), 'Source') ?? ''))
    : [];
  return [...binds, ...mounts].filter((source) => source !== '' && !source.startsWith('/'));
}
