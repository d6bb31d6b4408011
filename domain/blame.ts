// Who is to blame when several services are sick at once. Pure.
import type { Dependency } from '../schema/spec.ts';

export interface Patient {
  readonly name: string;
  readonly healthy: boolean;
  readonly dependsOn: readonly Pick<Dependency, 'service' | 'required'>[];
  /** Services whose containers it shares a namespace or volumes with. */
  readonly sharesWith: readonly string[];
}

/**
 * Every sick service that needs, directly or through others, a sick one, with the root of it: the nearest sick service
 * that needs no sick one itself. Who is in no entry and sick is a root. A dependency with `required: false` is no excuse.
 */
export function victims(services: readonly Patient[]): Map<string, string> {
  const byName = new Map(services.map((s) => [s.name, s]));
  const found = new Map<string, string>();
  for (const s of services.filter((one) => !one.healthy)) {
    const root = sickBelow(s, byName).find((other) => sickBelow(other, byName).length === 0);
    if (root !== undefined) found.set(s.name, root.name);
  }
  return found;
}

/** The healthy services that need, directly or through others, a sick one. */
export function dependantsOfSick(services: readonly Patient[]): Set<string> {
  const byName = new Map(services.map((s) => [s.name, s]));
  return new Set(services.filter((s) => s.healthy && sickBelow(s, byName).length > 0).map((s) => s.name));
}

/** All sick services that `of` needs, nearest first; itself never. */
function sickBelow(of: Patient, byName: ReadonlyMap<string, Patient>): Patient[] {
  const seen = new Set([of.name]);
  const reached: Patient[] = [];
  for (let layer = [of]; layer.length > 0;) {
    const names = layer.flatMap(needs).filter((name) => !seen.has(name));
    for (const name of names) seen.add(name);
    layer = [...new Set(names)].flatMap((name) => byName.get(name) ?? []);
    reached.push(...layer);
  }
  return reached.filter((s) => !s.healthy);
}

function needs(service: Patient): string[] {
  return [...service.dependsOn.filter((d) => d.required).map((d) => d.service), ...service.sharesWith];
}
