// Several services in one activity.
import type { PlannedService } from '../domain/deployment.ts';
import { type GraphNode, dependantsOf } from '../domain/graph.ts';

/**
 * Runs `work` for each service once those of the list that it depends on are done; those come before it in the list.
 * Ends when all have ended. Throws the first failure; who depends on a failed one is not begun.
 */
export async function inOrder<T>(
  services: readonly PlannedService[],
  work: (service: PlannedService) => Promise<T>,
): Promise<T[]> {
  const begun = new Map<string, Promise<T>>();
  for (const service of services) {
    const before = service.dependsOn.flatMap((d) => begun.get(d.service) ?? []);
    begun.set(
      service.name,
      Promise.all(before).then(() => work(service)),
    );
  }
  const all = [...begun.values()];
  await Promise.allSettled(all);
  return Promise.all(all);
}

/**
 * Runs `work` for each of `names` as soon as all have ended that need it, directly or through others, be these among
 * `names` or not. Ends when all have ended. Throws the first failure; whom a failed one needs is not begun.
 */
export async function dependantsFirst<T>(
  nodes: readonly GraphNode[],
  names: readonly string[],
  work: (name: string) => Promise<T>,
): Promise<T[]> {
  const dependants = dependantsOf(nodes);
  const begun = new Map<string, Promise<T | undefined>>();
  const wanted = new Set(names);
  const begin = (name: string): Promise<T | undefined> => {
    const known = begun.get(name);
    if (known) return known;
    const before = Promise.all((dependants.get(name) ?? []).map(begin));
    const own = before.then(() => (wanted.has(name) ? work(name) : undefined));
    begun.set(name, own);
    return own;
  };
  const all = [...wanted].map(begin);
  await Promise.allSettled(all);
  return (await Promise.all(all)).filter((done) => done !== undefined);
}

/** Runs all `works` at once; the first failure aborts the signal of the others, and is thrown when they have ended. */
export async function allOrNone<T>(works: readonly ((stop: AbortSignal) => Promise<T>)[]): Promise<T[]> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const all = works.map(async (work) => {
    try {
      return await work(stop.signal);
    } catch (error) {
      failures.push(error);
      stop.abort();
      throw error;
    }
  });
  await Promise.allSettled(all);
  if (failures.length > 0) throw failures[0];
  return Promise.all(all);
}
