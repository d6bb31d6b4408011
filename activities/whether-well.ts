// Whether a service works that runs already, by the probes of the release it belongs to.
import { inspectImage } from '../adapters/docker/inspect.ts';
import { chooseProbes, openingProbes } from '../adapters/probes/choose.ts';
import { completes } from '../domain/one-shot.ts';
import type { ObservedContainer } from '../schema/observed.ts';
import type { ProjectSpec, ServiceSpec } from '../schema/spec.ts';
import { awaitContainer } from './await-container.ts';
import type { Beat } from './heartbeat.ts';
import { isMereRun } from './keeps-running.ts';
import type { OperationContext } from './operation-context.ts';

export interface Asked {
  /** The release the containers belong to. */
  readonly release: ProjectSpec;
  readonly spec: ServiceSpec;
  readonly ids: readonly string[];
  /** Nobody is waited for longer, milliseconds since 1970. */
  readonly deadlineMs: number;
  /** Not started just now: to run still is enough for who is asked nothing else, and earlier answers do not count. @default false */
  readonly ranOn?: boolean;
}

/**
 * Asks until all of them are healthy; gives the evidence of one that is not, within its own time limit or until
 * `deadlineMs`. @throws EngineFailure, or the reason of `signal`
 */
export async function whyUnwell(
  context: OperationContext,
  { release, spec, ids, deadlineMs, ranOn = false }: Asked,
  { say, signal }: Pick<Beat, 'say' | 'signal'>,
): Promise<string | undefined> {
  const sinceMs = Date.now();
  const longestMs = Math.max(0, deadlineMs - sinceMs);
  const verdicts = await Promise.all(
    ids.map(async (id) => {
      // The tag may be another image's by now.
      const was = context.before.containers.find((c) => c.id === id);
      const image = await inspectImage(context.engine, was?.imageId ?? spec.image);
      const probes = openingProbes(chooseProbes(spec, image));
      if (ranOn && isMereRun(probes)) return undefined;
      const timeoutMs = Math.min(spec.options.timeoutMs ?? longestMs, longestMs);
      const asks = { service: spec.name, id, probes, completes: completes(spec, release) };
      const wait = { ...asks, timeoutMs, sinceMs, askAnew: ranOn };
      return awaitContainer({ ...context, spec: release }, wait, signal, (answer, tries) =>
        say({ service: spec.name, phase: 'returning', answer, ...(tries === undefined ? {} : { tries }) }),
      );
    }),
  );
  return verdicts.find((v) => v?.ok === false)?.evidence;
}

/** Then it is as before when it is sick, and nobody waits for it. */
export function wasSick(was: ObservedContainer | undefined): boolean {
  return was?.health === 'unhealthy' || was?.state === 'restarting';
}
