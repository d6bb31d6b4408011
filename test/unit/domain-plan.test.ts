import fc from 'fast-check';
import { type PlanFacts, isChange, planContainers, planImages, planOperations } from '../../domain/plan.ts';
import { COMPOSE_LABELS, LABELS } from '../../domain/names.ts';
import { volumeWarnings } from '../../domain/object-changes.ts';
import type { ObservedContainer } from '../../schema/observed.ts';
import type { ServiceSpec } from '../../schema/spec.ts';
import {
  dependency,
  factsOf,
  observedContainer,
  observedProject,
  projectSpec,
  serviceSpec,
} from '../support/project-spec.ts';

const ODD = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];

/** The plan of one service, `web`, that was seen as given. */
function planOne(
  seen: Partial<ObservedContainer> | undefined,
  spec: Partial<ServiceSpec> = {},
  more: Partial<PlanFacts> = {},
) {
  const project = projectSpec([serviceSpec('web', spec)]);
  const containers = seen === undefined ? [] : [observedContainer('web', seen)];
  return planContainers(project, factsOf(project, { observed: observedProject(containers), ...more }));
}

const upload = { path: '/run/secrets/s', content: 'x', mode: 0o444 };

describe('one container', () => {
  const rows: [string, ReturnType<typeof planOne>, string, string][] = [
    ['is not there', planOne(undefined), 'create', 'not there'],
    ['runs as wanted', planOne({}), 'keep', 'unchanged'],
    ['is paused: whoever paused it is told, nothing is replaced', planOne({ state: 'paused' }), 'keep', 'unchanged'],
    ['is restarting', planOne({ state: 'restarting' }), 'keep', 'unchanged'],
    ['has another hash', planOne({ configHash: 'old' }), 'recreate', 'configuration changed'],
    ['has another image', planOne({ imageId: 'sha256:0123456789abcdef' }), 'recreate', 'image web:1: 0123456789ab → image-web'],
    ['image gone', planOne({}, {}, { imageId: new Map() }), 'recreate', 'image web:1 is not here yet'],
    ['left its network', planOne({ networks: [] }), 'recreate', 'not attached to network t_default'],
    ['stopped, off its network: a start would give it no alias there', planOne({ state: 'exited', exitCode: 1, networks: [] }), 'recreate', 'not attached to network t_default'],
    ['was never started', planOne({ state: 'created' }), 'start', 'created, never started'],
    ['ended by itself and well: a one-shot', planOne({ state: 'exited', exitCode: 0 }), 'keep', 'completed'],
    ['one-shot that failed', planOne({ state: 'exited', exitCode: 3 }), 'start', 'stopped (exited)'],
    [
      'ended well, but should run on',
      planOne({ state: 'exited', exitCode: 0 }, { body: { Image: 'web:1', Labels: {}, HostConfig: { RestartPolicy: { Name: 'always' } } } }),
      'start',
      'stopped (exited)',
    ],
    [
      'secret changed',
      planOne({ labels: { [LABELS.specHash]: 'old' } }, { uploads: [upload], uploadsDigest: 'new' }),
      'recreate',
      'content of a secret or config changed',
    ],
    ['made by Compose, which does not say what it uploaded', planOne({}, { uploads: [upload], uploadsDigest: 'new' }), 'keep', 'unchanged'],
    [
      'shares with something new',
      planOne({}, {}, { configHash: new Map([['web', undefined]]) }),
      'recreate',
      'shares a namespace with a container that is new',
    ],
  ]; // prettier-ignore

  test.each(rows)('%s', (_, plan, op, cause) => {
    expect(plan.map((p) => ({ op: p.op, cause: p.cause }))).toEqual([{ op, cause }]);
    expect(plan[0]?.id).toBe(op === 'create' ? undefined : 'id-web-1');
  });
});

test('one replica more is created, one too many is removed, the others stay', () => {
  const twice = [1, 2].map((number) => ({ name: `t-web-${number}`, number }));
  const project = projectSpec([serviceSpec('web', { containers: twice })]);
  const seen = [1, 3].map((number) => observedContainer('web', { number }));
  const plan = planContainers(project, factsOf(project, { observed: observedProject(seen) }));
  expect(plan.map((p) => [p.container, p.op, p.cause])).toEqual([
    ['t-web-1', 'keep', 'unchanged'],
    ['t-web-2', 'create', 'not there'],
    ['t-web-3', 'remove', 'more than wanted'],
  ]);
});

test('containers of services that the files no longer name are left alone, as Compose leaves orphans', () => {
  const project = projectSpec([serviceSpec('web')]);
  const seen = [observedContainer('web'), observedContainer('orphan')];
  const plan = planContainers(project, factsOf(project, { observed: observedProject(seen) }));
  expect(plan.map((p) => p.service)).toEqual(['web']);
});

test('a container renamed by its file is another container', () => {
  const project = projectSpec([serviceSpec('web', { containers: [{ name: 'shop', number: 1 }] })]);
  const plan = planContainers(project, factsOf(project));
  expect(plan.map((p) => [p.container, p.op])).toEqual([
    ['shop', 'create'],
    ['t-web-1', 'remove'],
  ]);
});

test('whoever shares a namespace is made anew too, through any number of hands and in any order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(5), fc.func(fc.nat()), (length, changed, order) => {
      const chain = Array.from({ length }, (_, i) =>
        serviceSpec(`s${i}`, i === 0 ? {} : { sharesWith: [`s${i - 1}`] }),
      ).toSorted((a, b) => order(a.name) - order(b.name));
      const at = changed % length;
      const project = projectSpec(chain);
      const facts = factsOf(project);
      const hashes = new Map(facts.configHash).set(`s${at}`, 'new');
      const plan = planContainers(project, { ...facts, configHash: hashes });
      for (const p of plan) {
        const i = Number(p.service.slice(1));
        expect(p.op).toBe(i < at ? 'keep' : 'recreate');
        expect(p.cause).toBe(
          i < at ? 'unchanged' : i === at ? 'configuration changed' : `shares a namespace with s${i - 1}`,
        );
      }
    }),
  );
});

test('restart: true restarts what stays when its dependency is recreated; not when it is merely started or new', () => {
  const project = projectSpec([
    serviceSpec('db'),
    serviceSpec('web', { dependsOn: [dependency('db', { restart: true })] }),
    serviceSpec('other', { dependsOn: [dependency('db')] }),
  ]);
  const others = [observedContainer('web'), observedContainer('other')];
  const opsWith = (db: ObservedContainer[]) =>
    planContainers(project, factsOf(project, { observed: observedProject([...db, ...others]) })).map((p) => p.op);
  expect(opsWith([observedContainer('db', { configHash: 'old' })])).toEqual(['recreate', 'restart', 'keep']);
  expect(opsWith([observedContainer('db', { state: 'created' })])).toEqual(['start', 'keep', 'keep']);
  expect(opsWith([])).toEqual(['create', 'keep', 'keep']);
});

const services = fc.uniqueArray(fc.constantFrom(...ODD, 'web', 'db', 'cache'), { minLength: 1 });

test('all equal: nothing changes, whatever the services are called', () => {
  fc.assert(
    fc.property(services, (names) => {
      const project = projectSpec(
        names.map((n, i) => serviceSpec(n, { dependsOn: names.slice(0, i).map((d) => dependency(d)) })),
      );
      const facts = factsOf(project);
      const containers = planContainers(project, facts);
      expect(containers.map((c) => c.op)).toEqual(names.map(() => 'keep'));
      expect(planImages(project, facts)).toEqual([]);
      expect(planOperations(project, containers, facts).filter(isChange)).toEqual([]);
    }),
  );
});

test('nothing there: all is created, each once, in the order of the project', () => {
  fc.assert(
    fc.property(services, (names) => {
      const project = projectSpec(names.map((n) => serviceSpec(n)));
      const facts = factsOf(project, { observed: observedProject([]) });
      const operations = planOperations(project, planContainers(project, facts), facts);
      expect(operations.map((o) => o.id)).toEqual(names.map((n) => `create:t-${n}-1`));
      expect(operations.every((o) => o.expectedMs === 1000 && isChange(o))).toBe(true);
    }),
  );
});

test('a plan that was carried out leaves nothing to do', () => {
  const state = fc.record({
    state: fc.constantFrom('running', 'created', 'exited', 'dead'),
    exitCode: fc.constantFrom(0, 1),
    configHash: fc.constantFrom('old', 'same'),
    there: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(state, { minLength: 1, maxLength: 5 }), (states) => {
      const project = projectSpec(
        states.map((_, i) => serviceSpec(`s${i}`, i % 2 === 1 ? { sharesWith: [`s${i - 1}`] } : {})),
      );
      const seen = states.flatMap(({ there, configHash, ...s }, i) =>
        there ? [observedContainer(`s${i}`, { ...s, ...(configHash === 'old' ? { configHash } : {}) })] : [],
      );
      const facts = factsOf(project, { observed: observedProject(seen) });
      const after = planContainers(project, facts).map((p) => {
        const was = seen.find((c) => c.id === p.id);
        return p.op === 'keep' && was ? was : observedContainer(p.service);
      });
      const again = planContainers(project, { ...facts, observed: observedProject(after) });
      expect(again.map((p) => p.op)).toEqual(again.map(() => 'keep'));
    }),
  );
});

describe('images', () => {
  const of = (spec: Partial<ServiceSpec>, more: Partial<PlanFacts> = {}) => {
    const project = projectSpec([serviceSpec('web', spec), serviceSpec('worker', { ...spec, image: 'web:1' })]);
    return planImages(project, factsOf(project, { imageId: new Map([['web:1', 'sha256:1']]), ...more }));
  };
  const both = { image: 'web:1', services: ['web', 'worker'] };

  test('what is here is not brought', () => expect(of({})).toEqual([]));
  test('once for all who use it', () =>
    expect(of({}, { imageId: new Map() })).toEqual([{ ...both, how: 'pull', cause: 'not here' }]));
  test('pull_policy: always', () =>
    expect(of({ pullPolicy: 'always' })).toEqual([{ ...both, how: 'pull', cause: 'pull_policy: always' }]));
  test('pull_policy: daily pulls what was pulled longer ago, and what nobody knows of', () => {
    const daily = { refresh: { policy: 'daily', afterMs: 86_400_000 } };
    const pulled = (ageMs: number) => ({ pullAgeMs: new Map([['web:1', ageMs]]) });
    const due = [{ ...both, how: 'pull', cause: 'pull_policy: daily' }];
    expect(of(daily)).toEqual(due);
    expect(of(daily, pulled(86_400_001))).toEqual(due);
    expect(of(daily, pulled(86_399_000))).toEqual([]);
    expect(of(daily, { pull: 'missing' })).toEqual([]);
    expect(of({ ...daily, build: true })).toEqual([]);
  });
  test('--pull wins over what the services say', () => {
    expect(of({}, { pull: 'always' })).toEqual([{ ...both, how: 'pull', cause: 'asked for' }]);
    expect(of({ pullPolicy: 'always' }, { pull: 'missing' })).toEqual([]);
    expect(of({ pullPolicy: 'never' }, { pull: 'missing', imageId: new Map() })).toEqual([
      { ...both, how: 'pull', cause: 'not here' },
    ]);
    expect(of({ build: true }, { pull: 'always' })).toEqual([]);
  });
  test.each([{ pullPolicy: 'never' as const }, {}])('what is not here and must not be pulled is marked: %j', (spec) => {
    const more = spec.pullPolicy ? {} : { pull: 'never' as const };
    const cause = 'not here, and must not be pulled';
    expect(of(spec, { imageId: new Map(), ...more })).toEqual([{ ...both, how: 'pull', cause, never: true }]);
    expect(of(spec, more)).toEqual([]);
  });
  test('--build', () =>
    expect(of({ build: true }, { build: true })).toEqual([{ ...both, how: 'build', cause: 'build asked for' }]));
  test('pull_policy: build', () =>
    expect(of({ build: true, pullPolicy: 'build' })).toEqual([{ ...both, how: 'build', cause: 'build asked for' }]));
  test('--build means those with a build section', () => expect(of({}, { build: true })).toEqual([]));
});

test('networks and volumes that are missing are made, external ones never; only a volume cannot be taken back', () => {
  const object = (key: string, external = false) => ({ key, name: `t_${key}`, external });
  const project = projectSpec([], {
    networks: [object('front'), object('back'), object('theirs', true)],
    volumes: [object('data'), object('kept'), object('lent', true)],
  });
  const observed = observedProject([], {
    networks: [{ id: 'n', name: 't_back', labels: {} }],
    volumes: [{ name: 't_kept', labels: {} }],
  });
  expect(planOperations(project, [], factsOf(project, { observed })).map((o) => [o.id, o.reversible])).toEqual([
    ['network:t_front', true],
    ['volume:t_data', false],
  ]);
});

describe('a definition that changed', () => {
  const HASH = COMPOSE_LABELS.configHash;
  const object = (key: string, more: object = {}) => ({
    key,
    name: `t_${key}`,
    external: false,
    body: { Labels: { [HASH]: 'new' } },
    ...more,
  });
  const on = (name: string, key: string) => serviceSpec(name, { endpoints: [{ network: `t_${key}`, settings: {} }] });
  const seen = (key: string, labels: Record<string, string>) => ({ id: key, name: `t_${key}`, labels });
  const project = projectSpec([on('web', 'front'), on('db', 'back'), on('new', 'front')], {
    networks: [object('front'), object('back'), object('lent', { external: true })],
    volumes: [object('data'), object('same')],
  });
  const observed = observedProject(
    [
      observedContainer('web', { networks: ['t_front'], state: 'exited', exitCode: 1 }),
      observedContainer('db', { networks: ['t_back'] }),
    ],
    {
      networks: [seen('front', { [HASH]: 'old' }), seen('back', {}), seen('lent', { [HASH]: 'old' })],
      volumes: [seen('data', { [HASH]: 'old' }), seen('same', { [HASH]: 'new' })],
    },
  );

  test('of a network: it is made anew with whoever is on it; without a hash, or external, it is accepted', () => {
    const changedNetworks = new Map([['t_front', 'internal changed']]);
    const facts = factsOf(project, { observed, changedNetworks });
    const containers = planContainers(project, facts);
    expect(containers.map((c) => [c.service, c.op, c.cause])).toEqual([
      ['web', 'recreate', 'network front is made anew'],
      ['db', 'keep', 'unchanged'],
      ['new', 'create', 'not there'],
    ]);
    const operations = planOperations(project, containers, facts);
    expect(operations.filter((o) => o.op === 'rebuild').map((o) => [o.id, o.cause, o.reversible])).toEqual([
      ['rebuild:t_front', 'network: internal changed', true],
    ]);
  });

  test('of a volume: it is kept, and that is said', () => {
    expect(volumeWarnings(project, observed).map((w) => w.path)).toEqual(['volumes.data']);
    expect(planOperations(project, [], factsOf(project, { observed })).map((o) => o.op)).toEqual(['rebuild']);
  });
});
