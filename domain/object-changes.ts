// Networks and volumes that are there with another definition than the files give them now. Pure.
import type { Finding } from '../schema/finding.ts';
import type { ObservedProject } from '../schema/observed.ts';
import type { NetworkSpec, ProjectSpec, VolumeSpec } from '../schema/spec.ts';
import { COMPOSE_LABELS } from './names.ts';

/** One without the label is accepted as it is, as Compose does. */
function isChanged(spec: NetworkSpec | VolumeSpec, labels: Readonly<Record<string, string>> | undefined): boolean {
  const has = labels?.[COMPOSE_LABELS.configHash];
  const wanted: unknown = spec.body?.['Labels'];
  if (spec.external || !has || typeof wanted !== 'object' || wanted === null) return false;
  return Reflect.get(wanted, COMPOSE_LABELS.configHash) !== has;
}

/** Networks that must be taken away and made anew, with every container attached to them. */
export function rebuiltNetworks(project: Pick<ProjectSpec, 'networks'>, observed: ObservedProject): NetworkSpec[] {
  return project.networks.filter((n) => isChanged(n, observed.networks.find((o) => o.name === n.name)?.labels));
}

/** A volume is never made anew for its definition's sake: its content would be lost. It is said instead. */
export function volumeWarnings(project: Pick<ProjectSpec, 'volumes'>, observed: ObservedProject): Finding[] {
  return project.volumes
    .filter((v) => isChanged(v, observed.volumes.find((o) => o.name === v.name)?.labels))
    .map((v) => ({
      code: 'DIVE-1105',
      path: `volumes.${v.key}`,
      message: `volume ${v.name} stays as it was made, although its definition changed: to make it anew and lose its content, dive down, docker volume rm ${v.name}, dive up`,
    }));
}
