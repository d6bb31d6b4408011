import fc from 'fast-check';
import { differences } from '../../domain/compare-observed.ts';
import type { ObservedProject } from '../../schema/observed.ts';
import { observedContainer, observedProject } from '../support/project-spec.ts';

const STATES = ['created', 'running', 'paused', 'restarting', 'exited', 'dead'];

const anyProject = fc
  .record({
    containers: fc.uniqueArray(fc.constantFrom('constructor', 'toString', '__proto__', 'web', 'db'), { minLength: 1 }),
    states: fc.array(fc.constantFrom(...STATES), { minLength: 5, maxLength: 5 }),
    networks: fc.uniqueArray(fc.constantFrom('constructor', '__proto__', 'default'), { minLength: 1 }),
    volumes: fc.uniqueArray(fc.constantFrom('toString', '__proto__', 'data'), { minLength: 1 }),
  })
  .map(({ containers, states, networks, volumes }) =>
    observedProject(
      containers.map((name, i) => observedContainer(name, { state: states[i] ?? 'running' })),
      {
        networks: networks.map((name) => ({ id: `id-${name}`, name, labels: {} })),
        volumes: volumes.map((name) => ({ name, labels: {} })),
      },
    ),
  );

test('nothing differs from itself, in whatever order the engine lists it', () => {
  fc.assert(
    fc.property(anyProject, (project) => {
      expect(differences(project, structuredClone(project))).toEqual([]);
      const reversed: ObservedProject = {
        containers: project.containers.toReversed(),
        networks: project.networks.toReversed(),
        volumes: project.volumes.toReversed(),
      };
      expect(differences(project, reversed)).toEqual([]);
    }),
  );
});

/** Changes the first of a kind. */
const CHANGES: [string, (p: ObservedProject) => ObservedProject, (p: ObservedProject) => string][] = [
  ['container gone', (p) => ({ ...p, containers: p.containers.slice(1) }), (p) => `${p.containers[0]?.name} is gone`],
  [
    'container added',
    (p) => ({ ...p, containers: [...p.containers, observedContainer('new')] }),
    () => 't-new-1 is there, was not',
  ],
  [
    'container renamed',
    (p) => ({ ...p, containers: p.containers.map((c, i) => (i === 0 ? { ...c, name: 'other' } : c)) }),
    (p) => `${p.containers[0]?.name} is now called other`,
  ],
  ['network gone', (p) => ({ ...p, networks: p.networks.slice(1) }), (p) => `network ${p.networks[0]?.name} is gone`],
  [
    'network added',
    (p) => ({ ...p, networks: [...p.networks, { id: 'new', name: 'extra', labels: {} }] }),
    () => 'network extra is there, was not',
  ],
  ['volume gone', (p) => ({ ...p, volumes: p.volumes.slice(1) }), (p) => `volume ${p.volumes[0]?.name} is gone`],
];

test.each(CHANGES)('%s: exactly that is named', (_, change, line) => {
  fc.assert(
    fc.property(anyProject, (project) => {
      expect(differences(project, change(project))).toEqual([line(project)]);
    }),
  );
});

test('a container of the same name with another id is another one: both are named', () => {
  const before = observedProject([observedContainer('web')]);
  const now = observedProject([observedContainer('web', { id: 'other' })]);
  expect(differences(before, now)).toEqual(['t-web-1 is gone', 't-web-1 is there, was not']);
});

test('running, paused and stopped are three things; how it came to stand still is not', () => {
  const look = (state: string): ObservedProject => observedProject([observedContainer('web', { state })]);
  expect(differences(look('running'), look('exited'))).toEqual(['t-web-1 is stopped, was running']);
  expect(differences(look('exited'), look('running'))).toEqual(['t-web-1 is running, was stopped']);
  expect(differences(look('running'), look('paused'))).toEqual(['t-web-1 is paused, was running']);
  expect(differences(look('created'), look('exited'))).toEqual([]);
  expect(differences(look('running'), look('restarting'))).toEqual([]);
});

test('volumes that were added are kept, which is no difference', () => {
  const now = observedProject([], { volumes: [{ name: 'data', labels: {} }] });
  expect(differences(observedProject([]), now)).toEqual([]);
});

test('a network made again as it was is the same; under the same name but of another definition it is not', () => {
  const network = (id: string, hash: string) =>
    observedProject([], { networks: [{ id, name: 't_front', labels: { 'com.docker.compose.config-hash': hash } }] });
  expect(differences(network('1', 'a'), network('2', 'a'))).toEqual([]);
  expect(differences(network('1', 'a'), network('2', 'b'))).toEqual([
    'network t_front is gone',
    'network t_front is there, was not',
  ]);
});
