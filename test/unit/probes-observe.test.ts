import { setTimeout as pause } from 'node:timers/promises';
import { observe } from '../../adapters/probes/observe.ts';
import type { Exec, Probe } from '../../adapters/probes/probe.ts';
import type { ContainerState } from '../../schema/observed.ts';

const OWN: Probe = { kind: 'exec', level: 2, timeoutMs: 1000, description: 'its own', argv: ['check'], ownCheck: true };

// The time stands still: ages are said to a tenth of a second.
const NOW = Date.now();
beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(NOW));
afterEach(() => jest.restoreAllMocks());

function container(health: string, last: Partial<NonNullable<ContainerState['lastCheck']>> = {}): ContainerState {
  return {
    id: 'c1',
    name: 'shop-db-1',
    imageId: 'sha256:0',
    image: 'db',
    labels: {},
    state: 'running',
    exitCode: 0,
    oomKilled: false,
    error: '',
    health,
    lastCheck: { endedAtMs: NOW - 1200, exitCode: 0, output: 'accepting connections\n', ...last },
    startedAtMs: 1000,
    restartCount: 0,
    networks: [],
    ports: [],
    volumes: [],
    stopSignal: 'SIGTERM',
  };
}

async function look(seen: ContainerState, probe: Probe = OWN) {
  const asked: (readonly string[])[] = [];
  const exec: Exec = (argv) => {
    asked.push(argv);
    return Promise.resolve({ kind: 'exited', exitCode: 1, output: 'refused' });
  };
  return { asked, seen: await observe({ container: seen, probes: [probe], exec, attempt: 0 }) };
}

test("the engine's own check that passed a moment ago is not asked again, and its age is said", async () => {
  const { asked, seen } = await look(container('healthy'));
  expect(asked).toEqual([]);
  expect(seen.probes).toMatchObject([{ ok: true, level: 2, evidence: 'accepting connections, 1.2 s ago' }]);
});

test('a check without words is told by its age alone', async () => {
  const { seen } = await look(container('healthy', { output: '' }));
  expect(seen.probes[0]?.evidence).toBe('its check passed 1.2 s ago');
});

test.each([
  ['an old one', container('healthy', { endedAtMs: NOW - 6000 }), OWN],
  ['one of the future: another clock', container('healthy', { endedAtMs: NOW + 60_000 }), OWN],
  ['one that failed', container('healthy', { exitCode: 1 }), OWN],
  ['one of a service that is not healthy yet', container('starting'), OWN],
  ['one that is not the same question', container('healthy'), { ...OWN, ownCheck: false }],
])('%s is asked anew', async (_what, seen, probe) => {
  const found = await look(seen, probe);
  expect(found.asked).toEqual([['check']]);
  expect(found.seen.probes).toMatchObject([{ ok: false, evidence: 'exit 1: refused' }]);
});

describe('the check of a service with a functional probe', () => {
  const works: Probe = { ...OWN, level: 4, argv: ['works'], ownCheck: false };
  const unchecked = container('starting', { exitCode: 1 });
  const answering = (codes: Record<string, number>, levelMs = 0) => {
    const asked: string[] = [];
    const exec: Exec = async ([name = '']) => {
      asked.push(name);
      if (name === 'works') await pause(levelMs, undefined, { ref: false });
      return { kind: 'exited', exitCode: codes[name] ?? 0, output: `${name} says ${codes[name] ?? 0}` };
    };
    return { asked, exec };
  };

  test.each<[string, ContainerState, Record<string, number>, string[], string[]]>([
    ['is not asked when that one proves that it works', unchecked, {}, ['works'], ['works says 0']],
    [
      'is asked when that one fails, and counts',
      unchecked,
      { works: 1, check: 1 },
      ['works', 'check'],
      ['exit 1: check says 1'],
    ],
    [
      'is asked when that one fails, and may be well',
      unchecked,
      { works: 1 },
      ['works', 'check'],
      ['check says 0', 'exit 1: works says 1'],
    ],
    [
      'is asked first where the engine complains',
      container('unhealthy'),
      {},
      ['check', 'works'],
      ['check says 0', 'works says 0'],
    ],
    [
      'is known where it passed a moment ago',
      container('healthy'),
      {},
      ['works'],
      ['accepting connections, 1.2 s ago', 'works says 0'],
    ],
  ])('%s', async (_what, seen, codes, expected, evidence) => {
    const { asked, exec } = answering(codes);
    const found = await observe({ container: seen, probes: [OWN, works], exec, attempt: 0 });
    expect(asked).toEqual(expected);
    expect(found.probes.map((probe) => probe.evidence)).toEqual(evidence);
  });

  test('is asked beside it when that one takes long', async () => {
    const { asked, exec } = answering({ check: 1 }, 5000);
    const begun = performance.now();
    const found = await observe({ container: unchecked, probes: [OWN, works], exec, attempt: 0 });
    expect(performance.now() - begun).toBeLessThan(3000);
    expect(asked).toEqual(['works', 'check']);
    expect(found.probes).toMatchObject([{ ok: false, evidence: 'exit 1: check says 1' }]);
  });

  test('counts where that one could not ask so deep', async () => {
    const { asked, exec } = answering({ check: 1 });
    const keycloak: Probe = {
      kind: 'functional',
      level: 4,
      timeoutMs: 1000,
      description: 'issues a token',
      name: 'keycloak',
      options: {},
    };
    const found = await observe({
      container: unchecked,
      probes: [OWN, keycloak],
      exec: async (argv, options) =>
        argv[0] === 'check' ? exec(argv, options) : { kind: 'exited', exitCode: 0, output: 'unknown admin' },
      attempt: 0,
    });
    expect(asked).toEqual(['check']);
    expect(found.probes).toMatchObject([{ ok: false, evidence: 'exit 1: check says 1' }]);
  });
});

test('who has a reason to doubt asks anew', async () => {
  const asked: (readonly string[])[] = [];
  const exec: Exec = (argv) => Promise.resolve({ kind: 'exited', exitCode: asked.push(argv), output: 'refused' });
  const seen = await observe({ container: container('healthy'), probes: [OWN], exec, attempt: 0, askAnew: true });
  expect(asked).toEqual([['check']]);
  expect(seen.probes).toMatchObject([{ ok: false, evidence: 'exit 1: refused' }]);
});
