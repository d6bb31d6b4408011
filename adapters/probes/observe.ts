// One look at one container: its state and the answers of its probes, ready for the verdict.
import type { Observation } from '../../domain/verdict.ts';
import type { ContainerState } from '../../schema/observed.ts';
import { askProbe } from './ask.ts';
import type { Exec, Probe } from './probe.ts';

export interface Look {
  readonly container: ContainerState | undefined;
  readonly probes: readonly Probe[];
  readonly exec: Exec;
  /** 0 for the first look. */
  readonly attempt: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks the probes one after the other, shallowest first; the first that fails ends the round. */
export async function observe(look: Look): Promise<Observation> {
  const { container } = look;
  const base = { atMs: Date.now(), state: container?.state ?? 'gone', restartCount: container?.restartCount ?? 0 };
  if (!container) return { ...base, probes: [] };
  const probes = [];
  for (const probe of container.state === 'running' ? look.probes : []) {
    const answer = await askProbe(probe, {
      container,
      exec: look.exec,
      nowMs: Date.now(),
      attempt: look.attempt,
      signal: look.signal,
    });
    probes.push(answer);
    if (!answer.ok) break;
  }
  const died = container.state !== 'running' && container.state !== 'paused' && container.state !== 'created';
  return {
    ...base,
    ...(died ? { exitCode: container.exitCode } : {}),
    oomKilled: container.oomKilled,
    ...(container.health === undefined ? {} : { health: container.health }),
    probes,
  };
}
