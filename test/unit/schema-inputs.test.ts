// What the doors let in, and what they keep out.
import fc from 'fast-check';
import { codeOfProject, instanceWorkflowId, parkedName, shortPlanId, siteTaskQueue } from '../../domain/names.ts';
import { DeployInput, InstanceCode, TeardownInput } from '../../schema/inputs.ts';
import { ProbeOption } from '../../schema/probe.ts';
import { ProjectSpec } from '../../schema/spec.ts';
import { Topology } from '../../schema/topology.ts';
import { dependency, projectSpec, serviceSpec } from '../support/project-spec.ts';

const LETTERS = 'ABCXYZ0189'.split('');
const code = fc
  .tuple(fc.constantFrom(...LETTERS), fc.string({ unit: fc.constantFrom(...LETTERS, '-', '_'), maxLength: 62 }))
  .map(([first, rest]) => first + rest);

const options = fc.record(
  {
    plan: fc.string(),
    keepFailed: fc.boolean(),
    build: fc.boolean(),
    adopt: fc.boolean(),
    timeoutMs: fc.integer({ min: 1000, max: 3_600_000 }),
    planId: fc.string(),
  },
  { requiredKeys: [] },
);
const by = fc.record({ user: fc.string(), host: fc.string() });

describe('inputs of workflows', () => {
  test('come out of JSON as they went in', () => {
    fc.assert(
      fc.property(fc.record({ instance: code, options, by }, { requiredKeys: ['instance'] }), (input) => {
        expect(DeployInput.parse(JSON.parse(JSON.stringify(input)))).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
    fc.assert(
      fc.property(fc.record({ instance: code, volumes: fc.boolean(), by }, { requiredKeys: ['instance'] }), (input) => {
        expect(TeardownInput.parse(JSON.parse(JSON.stringify(input)))).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });

  test.each([
    undefined,
    null,
    'USA',
    {},
    { instance: 'usa' },
    { instance: 'USA', option: {} },
    { instance: 'USA', options: { dryRun: true } },
    { instance: 'USA', options: { timeoutMs: 999 } },
    { instance: 'USA', options: { timeoutMs: 3_600_001 } },
    { instance: 'USA', options: { timeoutMs: 1500.5 } },
    { instance: 'USA', options: { build: 'yes' } },
    { instance: 'USA', by: { user: 'ann' } },
  ])('%j is refused', (input) => expect(DeployInput.safeParse(input).success).toBe(false));

  test.each(['', '-A', '_A', 'a', 'A/B', 'A B', 'A\n', 'A'.repeat(64), 'Ä'])('%j is no code', (text) =>
    expect(InstanceCode.safeParse(text).success).toBe(false),
  );

  test('every project name that Compose allows makes a code', () => {
    const first = fc.constantFrom(...'abz09'.split(''));
    const rest = fc.string({ unit: fc.constantFrom(...'abz09-_'.split('')), maxLength: 62 });
    fc.assert(
      fc.property(first, rest, (a, b) => {
        expect(InstanceCode.safeParse(codeOfProject(a + b)).success).toBe(true);
      }),
    );
  });
});

test('names that appear outside', () => {
  expect(instanceWorkflowId('USA')).toBe('instance/USA');
  expect(siteTaskQueue('local')).toBe('site-local');
  expect(parkedName('shop-web-1', 7)).toBe('shop-web-1.parked-7');
  expect(shortPlanId('0123456789abcdef')).toBe('0123456789ab');
});

describe('dive.yaml', () => {
  const usa = { code: 'USA', compose: 'hub/compose.yaml' };
  const fra = { code: 'FRA', compose: ['a.yaml', 'b.yaml'] };

  test.each([
    { version: 1, hub: usa },
    { version: 1, spokes: [fra] },
    {
      version: 1,
      hub: { ...usa, site: 'local' },
      spokes: [{ ...fra, site: 'lyon' }],
      sites: { lyon: {} },
      policies: {},
    },
    { version: 1, hub: { ...usa, envFiles: ['hub.env'], generate: ['DB_PASSWORD'], profiles: ['debug'] } },
  ])('%j is right and stays as it is', (topology) => expect(Topology.parse(topology)).toEqual(topology));

  test.each([
    [{ version: 1 }, 'names no instance'],
    [{ version: 1, spokes: [] }, 'names no instance'],
    [{ version: 1, hub: usa, spokes: [usa] }, 'the code USA is there twice'],
    [{ version: 1, hub: { ...usa, site: 'lyon' } }, 'the site lyon of USA is not among sites'],
    [{ version: 1, hub: { ...usa, site: 'constructor' }, sites: {} }, 'the site constructor of USA is not among sites'],
    [{ version: 2, hub: usa }, '1'],
    [{ version: 1, hub: { ...usa, port: 1 } }, 'port'],
    [{ version: 1, hub: { ...usa, compose: [] } }, '1'],
    [{ version: 1, hub: { ...usa, generate: ['A-B'] } }, 'pattern'],
    [{ version: 1, hub: usa, spoke: [] }, 'spoke'],
  ])('%j is refused: %s', (topology, message) => {
    const parsed = Topology.safeParse(topology);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(message);
  });
});

describe('probes of x-dive', () => {
  test('a path is / when none is given', () => {
    expect(ProbeOption.parse({ http: { port: 80 } })).toEqual({ http: { port: 80, path: '/' } });
  });

  test.each([
    { http: { port: 80, path: '/h', expect: [200, 401], contains: 'ok' } },
    { http: { port: 80, path: '/', expect: 204 } },
    { tcp: { port: 65_535 } },
    { exec: 'test -f /ready' },
    { exec: ['test', '-f', '/ready'] },
    { postgres: {} },
  ])('%j is right', (probe) => expect(ProbeOption.parse(probe)).toEqual(probe));

  test.each([
    {},
    { tcp: {} },
    { tcp: { port: 0 } },
    { tcp: { port: 65_536 } },
    { http: { port: 80, path: 'h' } },
    { http: { port: 80, expect: 99 } },
    { exec: [] },
    { exec: '' },
    { tcp: { port: 1 }, exec: 'true' },
    { mysql: {} },
  ])('%j is refused', (probe) => expect(ProbeOption.safeParse(probe).success).toBe(false));
});

test('a project survives JSON and its schema, with services called as no object likes it', () => {
  const names = ['constructor', 'toString', '__proto__'];
  const project = projectSpec(
    names.map((n, i) => serviceSpec(n, { dependsOn: names.slice(0, i).map((d) => dependency(d)) })),
    { secrets: ['hunter22-hunter22'] },
  );
  expect(ProjectSpec.parse(JSON.parse(JSON.stringify(project)))).toEqual(project);
});
