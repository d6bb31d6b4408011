// How long a deployment takes: by the conditions of the dependencies, not by their number.
import fc from 'fast-check';
import { START_MS, type TimedNode, criticalPath, remainingMs, startsMs } from '../../domain/critical-path.ts';
import { Condition } from '../../schema/service-options.ts';

const NAMES = ['constructor', 'toString', '__proto__', 'a', 'b', 'c', 'd', 'e'];

interface Timed {
  readonly nodes: readonly TimedNode[];
  readonly ms: ReadonlyMap<string, number>;
  readonly stopMs: ReadonlyMap<string, number>;
}

/** Who comes later in the list depends on some of those before it. */
const deployment: fc.Arbitrary<Timed> = fc.shuffledSubarray(NAMES, { minLength: 1 }).chain((names) =>
  fc
    .tuple(
      fc.tuple(...names.map(() => fc.nat(1000))),
      // Most replace nobody.
      fc.tuple(...names.map(() => fc.oneof(fc.constant(0), fc.nat(1000)))),
      fc.tuple(
        ...names.map((_, i) =>
          fc
            .subarray(names.slice(0, i))
            .chain((before) =>
              fc.tuple(
                ...before.map((service) =>
                  fc.constantFrom(...Condition.options).map((condition) => ({ service, condition })),
                ),
              ),
            ),
        ),
      ),
    )
    .map(([ms, stopMs, dependsOn]) => ({
      nodes: names.map((name, i) => ({ name, dependsOn: dependsOn[i] ?? [] })),
      ms: new Map(names.map((name, i) => [name, ms[i] ?? 0])),
      stopMs: new Map(names.map((name, i) => [name, stopMs[i] ?? 0])),
    })),
);

/** Of one that is not started nothing; else whom it replaces ends first, then comes its start, which is of the engine. */
const takesMs = ({ ms, stopMs }: Timed, name: string): number =>
  (ms.get(name) ?? 0) > 0 ? (stopMs.get(name) ?? 0) + START_MS + (ms.get(name) ?? 0) : 0;

const waitsMs = (timed: Timed, { service, condition }: TimedNode['dependsOn'][number]): number =>
  condition === 'service_started' && takesMs(timed, service) > 0
    ? (timed.stopMs.get(service) ?? 0) + START_MS
    : takesMs(timed, service);

/** When each can start, by relaxation: as many rounds as services are enough. */
function starts(timed: Timed): Map<string, number> {
  const at = new Map(timed.nodes.map((n) => [n.name, 0]));
  for (const _ of timed.nodes) {
    for (const { name, dependsOn } of timed.nodes) {
      for (const d of dependsOn)
        at.set(name, Math.max(at.get(name) ?? 0, (at.get(d.service) ?? 0) + waitsMs(timed, d)));
    }
  }
  return at;
}

test('the critical path is a real chain as long as it says, and no service ends later', () => {
  fc.assert(
    fc.property(deployment, (timed) => {
      const path = criticalPath(timed.nodes, timed.ms, timed.stopMs);
      const edges = path.services.slice(1).map((name, i) => {
        const node = timed.nodes.find((n) => n.name === name);
        return node?.dependsOn.find((d) => d.service === path.services[i]);
      });
      expect(edges).not.toContain(undefined);
      const waited = edges.reduce((sum, edge) => sum + (edge ? waitsMs(timed, edge) : 0), 0);
      expect(waited + takesMs(timed, path.services.at(-1) ?? '')).toBe(path.ms);
      const ends = [...starts(timed)].map(([name, at]) => at + takesMs(timed, name));
      expect(path.ms).toBe(Math.max(...ends));
    }),
  );
});

test('what remains is never less before than after, and the most of it is the critical path', () => {
  fc.assert(
    fc.property(deployment, (timed) => {
      const remaining = remainingMs(timed.nodes, timed.ms, timed.stopMs);
      for (const { name, dependsOn } of timed.nodes) {
        for (const d of dependsOn) {
          expect(remaining.get(d.service)).toBeGreaterThanOrEqual((remaining.get(name) ?? 0) + waitsMs(timed, d));
        }
        expect(remaining.get(name)).toBeGreaterThanOrEqual(takesMs(timed, name));
      }
      expect(Math.max(...remaining.values())).toBe(criticalPath(timed.nodes, timed.ms, timed.stopMs).ms);
    }),
  );
});

test('a chain of mere starts takes the starts and one proof, not a proof a link', () => {
  const names = Array.from({ length: 60 }, (_, n) => `s${n}`);
  const nodes = names.map((name, n): TimedNode => ({
    name,
    dependsOn: n === 0 ? [] : [{ service: `s${n - 1}`, condition: 'service_started' }],
  }));
  expect(criticalPath(nodes, new Map(names.map((name) => [name, 2000])))).toEqual({
    services: names,
    ms: 60 * START_MS + 2000,
  });
});

test('a dependency on a service that is not there counts for nothing', () => {
  const nodes: TimedNode[] = [{ name: 'a', dependsOn: [{ service: 'nobody', condition: 'service_healthy' }] }];
  const ms = new Map([
    ['a', 5],
    ['nobody', 7],
  ]);
  expect(criticalPath(nodes, ms)).toEqual({ services: ['a'], ms: START_MS + 5 });
  expect(criticalPath([], ms)).toEqual({ services: [], ms: 0 });
});

test.each([
  [200, 2, 100],
  [3, 2, 2],
  [1, 8, 1],
  [0, 2, 0],
])('%d starts on %d processors take as long as %d after each other', (containers, cores, starts) => {
  expect(startsMs(containers, cores)).toBe(starts * START_MS);
});
