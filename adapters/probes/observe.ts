// One look at one container: its state and the answers of its probes, ready for the verdict.
import type { Observation } from '../../domain/verdict.ts';
import type { ContainerState } from '../../schema/observed.ts';
import type { ProbeResult } from '../../schema/probe.ts';
import { askProbe } from './ask.ts';
import { duration, evidence, lastLine } from './evidence.ts';
import type { Exec, Probe } from './probe.ts';

/** Younger than what a person takes to read it. */
const FRESH_MS = 5000;

export interface Look {
  readonly container: ContainerState | undefined;
  readonly probes: readonly Probe[];
  readonly exec: Exec;
  /** 0 for the first look. */
  readonly attempt: number;
  readonly signal?: AbortSignal | undefined;
  /** The engine's last run of a check does not do, however young. @default false */
  readonly askAnew?: boolean;
}

/** Asks the probes one after the other, shallowest first; the first that fails ends the round. */
export async function observe(look: Look): Promise<Observation> {
  const { container } = look;
  const base = { atMs: Date.now(), state: container?.state ?? 'gone', restartCount: container?.restartCount ?? 0 };
  if (!container) return { ...base, probes: [] };
  const probes = [];
  for (const probe of container.state === 'running' ? look.probes : []) {
    const answer =
      (look.askAnew === true ? undefined : freshAnswer(probe, container, Date.now())) ??
      (await askProbe(probe, {
        container,
        exec: look.exec,
        nowMs: Date.now(),
        attempt: look.attempt,
        signal: look.signal,
      }));
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

/**
 * The engine's own last run of the very same command, when it passed a moment ago: asking again would cost 80 ms of
 * processor time for the same answer. An older one, a failed one and one of another clock are asked anew.
 */
function freshAnswer(probe: Probe, container: ContainerState, nowMs: number): ProbeResult | undefined {
  const { lastCheck, health } = container;
  if (probe.kind !== 'exec' || !probe.ownCheck || health !== 'healthy' || lastCheck?.exitCode !== 0) return undefined;
  const ageMs = nowMs - lastCheck.endedAtMs;
  if (ageMs < 0 || ageMs > FRESH_MS) return undefined;
  const said = lastLine(lastCheck.output);
  const when = `${duration(ageMs)} ago`;
  const text = said === '' ? `its check passed ${when}` : `${said}, ${when}`;
  return { level: probe.level, ok: true, evidence: evidence(text), latencyMs: 0 };
}
