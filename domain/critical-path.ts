// How long a deployment takes and which services decide it: durations along the dependencies. Free of circles.
import type { Condition } from '../schema/service-options.ts';

export interface TimedNode {
  readonly name: string;
  /** On services that are not among the nodes nobody waits. */
  readonly dependsOn: readonly { readonly service: string; readonly condition: Condition }[];
}

/** What the engine itself needs to start a container: 250 to 300 ms (design §12). */
export const START_MS = 300;

/** Milliseconds by service; 0 of who is not in it. */
export type Durations = ReadonlyMap<string, number>;
const NONE: Durations = new Map();

/**
 * From its turn on; of one that is not started 0. `durationMs`: from its start until it is healthy, or has completed.
 * `stopMs`: until its old container has ended.
 */
export function takesMs(durationMs: number, stopMs = 0): number {
  return durationMs > 0 ? stopMs + START_MS + durationMs : 0;
}

/** How long a service keeps those waiting that depend on it. */
function holdsUpMs(condition: Condition, durationMs: number, stopMs: number): number {
  const wholeMs = takesMs(durationMs, stopMs);
  return condition === 'service_started' ? Math.min(stopMs + START_MS, wholeMs) : wholeMs;
}

/** How long the engine starts `containers`, busy all the time: side by side on `cores` processors. */
export function startsMs(containers: number, cores: number): number {
  return Math.ceil(containers / Math.max(1, cores)) * START_MS;
}

interface Begin {
  /** Who has to come before, and the service itself. */
  readonly services: readonly string[];
  readonly afterMs: number;
}

/**
 * The chain that ends last, first to start first, and when it ends. `durationMs`: from start to healthy; of services that
 * are unknown, or not started, 0. `stopMs`: of those that replace another container, until that has ended.
 */
export function criticalPath(
  nodes: readonly TimedNode[],
  durationMs: Durations,
  stopMs = NONE,
): { services: readonly string[]; ms: number } {
  const byName = new Map(nodes.map((n) => [n.name, n]));
  const begins = new Map<string, Begin>();
  const begin = (node: TimedNode): Begin => {
    const known = begins.get(node.name);
    if (known) return known;
    let last: Begin = { services: [], afterMs: 0 };
    for (const { service, condition } of node.dependsOn) {
      const dependency = byName.get(service);
      if (!dependency) continue;
      const before = begin(dependency);
      const afterMs = before.afterMs + holdsUpMs(condition, durationMs.get(service) ?? 0, stopMs.get(service) ?? 0);
      if (afterMs > last.afterMs) last = { services: before.services, afterMs };
    }
    const own = { services: [...last.services, node.name], afterMs: last.afterMs };
    begins.set(node.name, own);
    return own;
  };
  const takes = (name: string): number => takesMs(durationMs.get(name) ?? 0, stopMs.get(name) ?? 0);
  return nodes
    .map((n) => ({ services: begin(n).services, ms: begin(n).afterMs + takes(n.name) }))
    .reduce<{ services: readonly string[]; ms: number }>((a, b) => (b.ms > a.ms ? b : a), { services: [], ms: 0 });
}

/** For each service: how long after the request to start it the last of all that hangs on it is healthy. What is largest should start first. */
export function remainingMs(nodes: readonly TimedNode[], durationMs: Durations, stopMs = NONE): Map<string, number> {
  const dependants = new Map<string, { name: string; condition: Condition }[]>();
  for (const { name, dependsOn } of nodes) {
    for (const { service, condition } of dependsOn) {
      dependants.set(service, [...(dependants.get(service) ?? []), { name, condition }]);
    }
  }
  const remaining = new Map<string, number>();
  const visit = (name: string): number => {
    const known = remaining.get(name);
    if (known !== undefined) return known;
    const ownMs = durationMs.get(name) ?? 0;
    const ownStopMs = stopMs.get(name) ?? 0;
    const after = (dependants.get(name) ?? []).map((d) => holdsUpMs(d.condition, ownMs, ownStopMs) + visit(d.name));
    const longest = Math.max(takesMs(ownMs, ownStopMs), ...after);
    remaining.set(name, longest);
    return longest;
  };
  for (const n of nodes) visit(n.name);
  return remaining;
}
