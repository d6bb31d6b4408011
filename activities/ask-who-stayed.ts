// Who stayed while what it needs was away may not have found it again.
import type { Returned } from '../domain/deployment.ts';
import { type GraphNode, dependantsOf } from '../domain/graph.ts';
import type { ProjectSpec } from '../schema/spec.ts';
import type { Beat } from './heartbeat.ts';
import type { OperationContext } from './operation-context.ts';
import { wasSick, whyUnwell } from './whether-well.ts';

/** For all of them together: they have run all the time, and only have to connect again. */
const LONGEST_MS = 30_000;

/**
 * Asks those of `release` that need one of `back`, directly or through others, and ran all the while, until they are
 * healthy; gives those that are not. @throws EngineFailure, or the reason of `signal`
 */
export async function askWhoStayed(
  context: OperationContext,
  release: ProjectSpec,
  back: readonly string[],
  beat: Pick<Beat, 'say' | 'signal'>,
): Promise<Returned[]> {
  const deadlineMs = Date.now() + LONGEST_MS;
  const needing = thoseThatNeed(release.services, back);
  const found = await Promise.all(
    release.services
      .filter((s) => needing.has(s.name))
      .map(async (spec): Promise<Returned[]> => {
        const ids = context.before.containers
          .filter((c) => c.service === spec.name && c.state === 'running' && !wasSick(c))
          .map((c) => c.id);
        const why = await whyUnwell(context, { release, spec, ids, deadlineMs, ranOn: true }, beat);
        return why === undefined
          ? []
          : [{ service: spec.name, phase: 'degraded', evidence: `stayed and is not healthy now: ${why}` }];
      }),
  );
  return found.flat();
}

/** Without `names` themselves. */
function thoseThatNeed(nodes: readonly GraphNode[], names: readonly string[]): ReadonlySet<string> {
  const dependants = dependantsOf(nodes);
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const one of dependants.get(name) ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      open.push(one);
    }
  }
  for (const name of names) found.delete(name);
  return found;
}
