// What is there of one project: three read calls, nothing inspected.
import { z } from 'zod';
import { COMPOSE_LABELS } from '../../domain/names.ts';
import type { ObservedContainer, ObservedProject } from '../../schema/observed.ts';
import { ListedContainer, ListedNetwork, ListedVolumes, readAnswer } from './answers.ts';
import { send, type Wire } from './request.ts';

const ONE_OFF = 'com.docker.compose.oneoff';
const CONFIG_HASH = COMPOSE_LABELS.configHash;

/**
 * Containers (all states), networks and volumes that carry the project's label. One-off containers of
 * `docker compose run` are left out unless `oneOffs`: they are nobody's replicas.
 * @throws EngineFailure DIVE-1601, DIVE-1006
 */
export async function observeProject(
  engine: Wire,
  project: string,
  options: { oneOffs?: boolean } = {},
): Promise<ObservedProject> {
  const filters = ofProject(project);
  const [containers, networks, volumes] = await Promise.all([
    observeContainers(engine, project, options),
    send(engine, { method: 'GET', path: '/networks', query: { filters } }),
    send(engine, { method: 'GET', path: '/volumes', query: { filters } }),
  ]);
  return {
    containers,
    networks: readAnswer(z.array(ListedNetwork), networks)
      .map((n) => ({ id: n.Id, name: n.Name, labels: knownLabels(n.Labels) }))
      .toSorted((a, b) => compare(a.name, b.name)),
    volumes: readAnswer(ListedVolumes, volumes)
      .Volumes.map((v) => ({ name: v.Name, labels: knownLabels(v.Labels) }))
      .toSorted((a, b) => compare(a.name, b.name)),
  };
}

/** The containers of `observeProject` alone: one call. */
export async function observeContainers(
  engine: Wire,
  project: string,
  options: { oneOffs?: boolean } = {},
): Promise<ObservedContainer[]> {
  const query = { all: 1, filters: ofProject(project) };
  const listed = await send(engine, { method: 'GET', path: '/containers/json', query });
  return readAnswer(z.array(ListedContainer), listed)
    .filter((c) => options.oneOffs === true || c.Labels[ONE_OFF]?.toLowerCase() !== 'true')
    .map(observedContainer)
    .toSorted((a, b) => compare(a.service, b.service) || a.number - b.number || compare(a.name, b.name));
}

function ofProject(project: string): string {
  return JSON.stringify({ label: [`${COMPOSE_LABELS.project}=${project}`] });
}

export function observedContainer(listed: ListedContainer): ObservedContainer {
  const exit = /^(?:Exited|Restarting) \((-?\d+)\)/.exec(listed.Status)?.[1];
  const health = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(listed.Status)?.[1];
  return {
    id: listed.Id,
    name: ownName(listed.Names),
    service: listed.Labels[COMPOSE_LABELS.service] ?? '',
    number: Number(listed.Labels[COMPOSE_LABELS.number] ?? 1),
    configHash: listed.Labels[CONFIG_HASH] ?? '',
    imageId: listed.Labels[COMPOSE_LABELS.image] ?? listed.ImageID,
    image: listed.Image,
    state: listed.State,
    ...(exit === undefined ? {} : { exitCode: Number(exit) }),
    ...(health === undefined ? {} : { health }),
    ports: listed.Ports.flatMap((p) =>
      p.PublicPort === undefined
        ? []
        : [{ port: p.PrivatePort, protocol: p.Type, hostIp: p.IP ?? '', hostPort: p.PublicPort }],
    ),
    networks: Object.keys(listed.NetworkSettings?.Networks ?? {}).toSorted(compare),
    labels: Object.fromEntries(Object.entries(listed.Labels).filter(([key]) => key.startsWith('dive.'))),
  };
}

/** Ours and Compose's, the hash of the definition among them. A user's own may hold a secret, and this is kept. */
function knownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => /^(dive|com\.docker\.compose)\./.test(key)));
}

/** Links of other containers show as further names with two slashes. */
export function ownName(names: readonly string[]): string {
  return (names.find((name) => name.lastIndexOf('/') === 0) ?? names[0] ?? '').replace(/^\//, '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
