// Dependency graphs of services: what is missing, what goes round in circles, what starts when.

export interface GraphNode {
  readonly name: string;
  readonly dependsOn: readonly { readonly service: string; readonly required: boolean }[];
}

export interface Cycle {
  /** Each service once, starting with the smallest name; the last depends on the first. */
  readonly services: readonly string[];
}

export interface CycleReport {
  readonly cycles: readonly Cycle[];
  /** Dependencies whose removal ends all circles, fewest first found: the one most circles share comes first. */
  readonly cuts: readonly { readonly from: string; readonly to: string; readonly ends: number }[];
}

function adjacency(nodes: readonly GraphNode[]): Map<string, string[]> {
  const names = new Set(nodes.map((n) => n.name));
  return new Map(
    nodes.map((n) => [n.name, [...new Set(n.dependsOn.map((d) => d.service))].filter((d) => names.has(d))]),
  );
}

/** Shortest path from `from` to `to` along dependencies, both included; undefined when there is none. */
function shortestPath(edges: Map<string, string[]>, from: string, to: string): string[] | undefined {
  const previous = new Map<string, string>();
  const queue = [from];
  const seen = new Set(queue);
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at === to) {
      const path = [at];
      for (let p = previous.get(at); p !== undefined; p = previous.get(p)) path.unshift(p);
      return path;
    }
    for (const next of edges.get(at) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      previous.set(next, at);
      queue.push(next);
    }
  }
  return undefined;
}

function rotateToSmallest(services: readonly string[]): string[] {
  const smallest = services.reduce((best, s, i) => (s < (services[best] ?? s) ? i : best), 0);
  return [...services.slice(smallest), ...services.slice(0, smallest)];
}

/**
 * All circles: for each dependency that lies on one, the shortest circle through it, each circle once.
 * `cuts` is greedy: the dependency that ends most of the remaining circles, until the graph has none.
 */
export function findCycles(nodes: readonly GraphNode[]): CycleReport {
  const cycles = shortestCycles(nodes);
  const cuts: CycleReport['cuts'][number][] = [];
  // A longer circle may be left where every shorter one through its dependencies was cut elsewhere.
  for (let left = nodes, circles = cycles; circles.length > 0; circles = shortestCycles(left)) {
    const chosen = chooseCuts(circles);
    cuts.push(...chosen);
    left = left.map((n) => ({
      ...n,
      dependsOn: n.dependsOn.filter((d) => !chosen.some((c) => c.from === n.name && c.to === d.service)),
    }));
  }
  return { cycles, cuts };
}

function shortestCycles(nodes: readonly GraphNode[]): Cycle[] {
  const edges = adjacency(nodes);
  const found = new Map<string, Cycle>();
  for (const [from, targets] of edges) {
    for (const to of targets) {
      const back = to === from ? [from] : shortestPath(edges, to, from);
      if (!back) continue;
      const services = rotateToSmallest(to === from ? [from] : [from, ...back.slice(0, -1)]);
      found.set(JSON.stringify(services), { services });
    }
  }
  return [...found.values()].sort(
    (a, b) => a.services.length - b.services.length || (a.services.join() < b.services.join() ? -1 : 1),
  );
}

function edgesOf(cycle: Cycle): { from: string; to: string }[] {
  return cycle.services.map((from, i) => ({ from, to: cycle.services[(i + 1) % cycle.services.length] ?? from }));
}

function chooseCuts(cycles: readonly Cycle[]): { from: string; to: string; ends: number }[] {
  const cuts: { from: string; to: string; ends: number }[] = [];
  let left = cycles;
  while (left.length > 0) {
    const tally = new Map<string, { from: string; to: string; ends: number }>();
    for (const cycle of left) {
      for (const edge of edgesOf(cycle)) {
        const key = JSON.stringify([edge.from, edge.to]);
        const known = tally.get(key);
        tally.set(key, { ...edge, ends: (known?.ends ?? 0) + 1 });
      }
    }
    // The closing edge of the shortest circle wins a tie: it is usually the one somebody added last.
    const best = [...tally.values()].reduce((a, b) => (b.ends >= a.ends ? b : a));
    cuts.push(best);
    left = left.filter((c) => !edgesOf(c).some((e) => e.from === best.from && e.to === best.to));
  }
  return cuts;
}

/** Who names each service as a dependency of its own. */
export function dependantsOf(nodes: readonly GraphNode[]): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [name, needs] of adjacency(nodes)) {
    for (const need of needs) found.set(need, [...(found.get(need) ?? []), name]);
  }
  return found;
}

/** Level of each service: 0 without dependencies, else one more than its deepest dependency. The graph must be free of circles. */
export function levels(nodes: readonly GraphNode[]): Map<string, number> {
  const edges = adjacency(nodes);
  const level = new Map<string, number>();
  const visit = (name: string): number => {
    const known = level.get(name);
    if (known !== undefined) return known;
    const own = Math.max(-1, ...(edges.get(name) ?? []).map(visit)) + 1;
    level.set(name, own);
    return own;
  };
  for (const n of nodes) visit(n.name);
  return level;
}
