// One look at one container: its state and the answers of its probes, ready for the verdict.
import type { Observation } from '../../domain/verdict.ts';
import type { ContainerState } from '../../schema/observed.ts';
import { askRound, type Round } from './round.ts';

export interface Look extends Omit<Round, 'container'> {
  /** undefined: there is none. */
  readonly container: ContainerState | undefined;
}

/** Only a container that runs is asked anything. */
export async function observe({ container, ...asked }: Look): Promise<Observation> {
  const base = { atMs: Date.now(), state: container?.state ?? 'gone', restartCount: container?.restartCount ?? 0 };
  if (!container) return { ...base, probes: [] };
  const died = container.state !== 'running' && container.state !== 'paused' && container.state !== 'created';
  return {
    ...base,
    ...(died ? { exitCode: container.exitCode } : {}),
    oomKilled: container.oomKilled,
    ...(container.health === undefined ? {} : { health: container.health }),
    probes: container.state === 'running' ? await askRound({ container, ...asked }) : [],
  };
}
