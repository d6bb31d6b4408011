// Properties of dependency graphs. Names include those that a plain object would swallow.
import fc from 'fast-check';
import { type GraphNode, findCycles, levels } from '../../domain/graph.ts';

const NAMES = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'a', 'b', 'c', 'd', 'e', 'valueOf'];

type Edge = readonly [from: string, to: string];

function graph(names: readonly string[], edges: readonly Edge[]): GraphNode[] {
  return names.map((name) => ({
    name,
    dependsOn: edges.filter(([from]) => from === name).map(([, service]) => ({ service, required: true })),
  }));
}

const anyGraph = fc.subarray(NAMES, { minLength: 1 }).chain((names) =>
  fc.tuple(
    fc.constant(names),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), {
      maxLength: 18,
      selector: (edge) => edge.join('>'),
    }),
  ),
);

/** Edges point to names earlier in the list only, so there is no circle; the nodes come in any order. */
const acyclic = fc.shuffledSubarray(NAMES, { minLength: 1 }).chain((names) =>
  fc.tuple(
    fc.shuffledSubarray(names, { minLength: names.length }),
    fc
      .array(fc.tuple(fc.nat(names.length - 1), fc.nat(names.length - 1)), { maxLength: 20 })
      .map((picks) =>
        picks
          .filter(([a, b]) => a !== b)
          .map(([a, b]): Edge => [names[Math.max(a, b)] ?? '', names[Math.min(a, b)] ?? '']),
      ),
  ),
);

/** Kahn's way: take away what nobody waits on any more; what stays lies on or behind a circle. */
function isAcyclic(names: readonly string[], edges: readonly Edge[]): boolean {
  let left = [...names];
  for (;;) {
    const free = left.filter((n) => !edges.some(([from, to]) => from === n && left.includes(to)));
    if (free.length === 0) return left.length === 0;
    left = left.filter((n) => !free.includes(n));
  }
}

/** Number of edges of the shortest way, by widening rings; undefined when there is none. */
function distance(edges: readonly Edge[], from: string, to: string): number | undefined {
  let ring = new Set([from]);
  const seen = new Set(ring);
  for (let steps = 0; ring.size > 0; steps++) {
    if (ring.has(to)) return steps;
    ring = new Set(edges.filter(([a, b]) => ring.has(a) && !seen.has(b)).map(([, b]) => b));
    for (const n of ring) seen.add(n);
  }
  return undefined;
}

function edgesOf(services: readonly string[]): Edge[] {
  return services.map((s, i) => [s, services[(i + 1) % services.length] ?? s]);
}

describe('findCycles', () => {
  test('reports real circles only, each once, each service once', () => {
    fc.assert(
      fc.property(anyGraph, ([names, edges]) => {
        const { cycles } = findCycles(graph(names, edges));
        expect(new Set(cycles.map((c) => JSON.stringify(c.services))).size).toBe(cycles.length);
        for (const { services } of cycles) {
          expect(new Set(services).size).toBe(services.length);
          expect(services[0]).toBe(services.toSorted()[0]);
          for (const [from, to] of edgesOf(services)) {
            expect(edges.some(([a, b]) => a === from && b === to)).toBe(true);
          }
        }
      }),
    );
  });

  test('reports none exactly when there is none', () => {
    fc.assert(
      fc.property(anyGraph, ([names, edges]) => {
        expect(findCycles(graph(names, edges)).cycles.length === 0).toBe(isAcyclic(names, edges));
      }),
    );
  });

  test('for every dependency on a circle a shortest circle through it is reported, and no longer one', () => {
    fc.assert(
      fc.property(anyGraph, ([names, edges]) => {
        const { cycles } = findCycles(graph(names, edges));
        const shortest = new Set<number>();
        for (const [from, to] of edges) {
          const back = distance(edges, to, from);
          if (back === undefined) continue;
          shortest.add(back + 1);
          const through = cycles.filter((c) => edgesOf(c.services).some(([a, b]) => a === from && b === to));
          expect(Math.min(...through.map((c) => c.services.length))).toBe(back + 1);
        }
        for (const { services } of cycles) {
          const closing = edgesOf(services).some(([from, to]) => distance(edges, to, from) === services.length - 1);
          expect(closing).toBe(true);
        }
      }),
    );
  });

  test('without the cuts no circle is left, and every cut ends at least one', () => {
    fc.assert(
      fc.property(anyGraph, ([names, edges]) => {
        const { cuts } = findCycles(graph(names, edges));
        const left = edges.filter(([from, to]) => !cuts.some((c) => c.from === from && c.to === to));
        expect(isAcyclic(names, left)).toBe(true);
        for (const cut of cuts) expect(cut.ends).toBeGreaterThan(0);
      }),
    );
  });

  test('a longer circle that the cuts of the short ones leave is cut too', () => {
    const names = ['a', 'b', 'c', 'd'];
    const edges: [string, string][] = [['a', 'b'], ['a', 'd'], ['b', 'a'], ['b', 'd'], ['c', 'a'], ['d', 'b'], ['d', 'c']]; // prettier-ignore
    const { cuts } = findCycles(graph(names, edges));
    const left = edges.filter(([from, to]) => !cuts.some((c) => c.from === from && c.to === to));
    expect(isAcyclic(names, left)).toBe(true);
  });

  test('two at once, shortest first; the edge that both share is the one to cut', () => {
    const two = findCycles(graph(['a', 'b', 'c', 'd', 'e'], [['a', 'b'], ['b', 'a'], ['c', 'd'], ['d', 'e'], ['e', 'c']])); // prettier-ignore
    expect(two.cycles.map((c) => c.services)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    const shared = findCycles(
      graph(
        ['a', 'b', 'c'],
        [
          ['a', 'b'],
          ['b', 'a'],
          ['b', 'c'],
          ['c', 'a'],
        ],
      ),
    );
    expect(shared.cuts).toEqual([{ from: 'a', to: 'b', ends: 2 }]);
  });

  test('a service that waits for itself', () => {
    expect(findCycles(graph(['a'], [['a', 'a']]))).toEqual({
      cycles: [{ services: ['a'] }],
      cuts: [{ from: 'a', to: 'a', ends: 1 }],
    });
  });
});

describe('order', () => {
  test('a level is one more than the deepest dependency', () => {
    fc.assert(
      fc.property(acyclic, ([names, edges]) => {
        const level = levels(graph(names, edges));
        expect([...level.keys()].toSorted()).toEqual(names.toSorted());
        for (const n of names) {
          const before = edges.filter(([from]) => from === n).map(([, to]) => level.get(to) ?? Number.NaN);
          expect(level.get(n)).toBe(Math.max(-1, ...before) + 1);
        }
      }),
    );
  });

  test('a dependency on a service that is not there counts for nothing', () => {
    const nodes = graph(['a'], [['a', 'nobody']]);
    expect(levels(nodes)).toEqual(new Map([['a', 0]]));
    expect(findCycles(nodes).cycles).toEqual([]);
  });
});
