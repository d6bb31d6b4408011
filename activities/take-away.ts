// Stopping and removing the containers of services, on the way down and on the way back.
import { Semaphore } from 'async-mutex';
import { removeContainer } from '../adapters/docker/remove-container.ts';
import type { TakenAway } from '../domain/deployment.ts';
import { dependantsOf } from '../domain/graph.ts';
import type { ObservedContainer } from '../schema/observed.ts';
import type { ServiceSpec } from '../schema/spec.ts';
import type { Beat } from './heartbeat.ts';
import { type StopTimed, killedAfter, stopTimed } from './stop-timed.ts';
import { dependantsFirst } from './together.ts';

/** Stopping is mostly waiting; hundreds at once only make each call to the engine wait for its time limit. */
const AT_ONCE = 20;
/** Docker's own: of a container whose service nobody knows any more. */
const STOP_TIMEOUT_S = 10;

export interface TakeAway extends StopTimed {
  /** Who needs whom, and how long each may take to end. */
  readonly services: readonly ServiceSpec[];
  /** Whether their anonymous volumes go with them. */
  readonly anonymousVolumes: boolean;
  readonly say: Beat['say'];
}

/**
 * Stops and removes `containers`, each service as soon as nobody is left that needs it, and says of each how far it is.
 * @returns a row a service, in the order in which they were gone
 * @throws why the first could not be stopped or removed, when all have ended that could
 */
export async function takeAway(containers: readonly ObservedContainer[], how: TakeAway): Promise<TakenAway[]> {
  const turns = new Semaphore(AT_ONCE);
  const present = [...new Set(containers.map((c) => c.service))];
  const dependants = dependantsOf(how.services);
  for (const service of present) {
    const waitsFor = (dependants.get(service) ?? []).filter((d) => present.includes(d));
    how.say({ service, phase: 'waiting', waitsFor });
  }
  const gone = await dependantsFirst(how.services, present, (service) => {
    const own = containers.filter((c) => c.service === service);
    return takeServiceAway(service, own, how, turns);
  });
  return gone.toSorted((a, b) => a.atMs - b.atMs);
}

async function takeServiceAway(
  service: string,
  own: readonly ObservedContainer[],
  how: TakeAway,
  turns: Semaphore,
): Promise<TakenAway> {
  const { engine, change, anonymousVolumes, say } = how;
  const spec = how.services.find((s) => s.name === service) ?? { name: service, stopTimeoutS: STOP_TIMEOUT_S };
  const timeoutS = spec.stopTimeoutS;
  let begunMs: number | undefined;
  let killed = false;
  await Promise.all(
    own.map((c) =>
      turns.runExclusive(async () => {
        begunMs ??= Date.now();
        say({ service, phase: 'stopping', answer: killedAfter(timeoutS) });
        if ((await stopTimed(how, spec, c)) === 'killed') killed = true;
        await removeContainer(engine, change, c.id, { anonymousVolumes });
      }),
    ),
  );
  const atMs = Date.now();
  const row: TakenAway = {
    service,
    atMs,
    ms: atMs - (begunMs ?? atMs),
    text: killed ? `it did not end within ${timeoutS} s and was killed` : '',
  };
  say({ service, phase: 'removed', sinceMs: row.atMs, ms: row.ms, answer: row.text });
  return row;
}
