// One round of questions to one running container: which are asked, in which order, and which need not be.
import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerState } from '../../schema/observed.ts';
import type { ProbeResult } from '../../schema/probe.ts';
import { askProbe } from './ask.ts';
import { duration, evidence, lastLine } from './evidence.ts';
import type { Exec, Probe } from './probe.ts';

/** An answer that is younger than what a person takes to read it still says what is. */
export const FRESH_MS = 5000;
/** A service that works shows it within this time; of another it is worth knowing how far down it fails. */
const DEEP_FIRST_MS = 1000;

export interface Round {
  readonly container: ContainerState;
  readonly probes: readonly Probe[];
  readonly exec: Exec;
  /** 0 for the first look. */
  readonly attempt: number;
  /** @default false */
  readonly idle?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The engine's last run of a check does not do, however young, nor does a deeper answer. @default false */
  readonly askAnew?: boolean;
}

/**
 * Asks one after the other, shallowest first; the first that fails ends the round. Where the engine runs the service's
 * own check as well and has no complaint, a functional probe is asked first: when it proves that the service works, the
 * check would cost processor time and say less.
 */
export async function askRound(round: Round): Promise<ProbeResult[]> {
  const [own, functional, ...others] = round.probes;
  if (!own || !functional || !mayAskDeepFirst(round, own, functional)) return inTurn(round, round.probes);
  const begun = await deepFirst(round, own, functional);
  return begun.every((answer) => answer.ok) ? [...begun, ...(await inTurn(round, others))] : begun;
}

function mayAskDeepFirst(round: Round, own: Probe, functional: Probe): boolean {
  if (round.askAnew === true || round.container.health === 'unhealthy') return false;
  return isOwn(own) && functional.level === 4 && known(round, own) === undefined;
}

async function inTurn(round: Round, probes: readonly Probe[]): Promise<ProbeResult[]> {
  const answers: ProbeResult[] = [];
  for (const probe of probes) {
    const answer = known(round, probe) ?? (await ask(round, probe));
    answers.push(answer);
    if (!answer.ok) break;
  }
  return answers;
}

async function deepFirst(round: Round, own: Probe, functional: Probe): Promise<ProbeResult[]> {
  const asked = ask(round, functional);
  asked.catch(() => undefined);
  const early = await Promise.race([asked, pause(DEEP_FIRST_MS, undefined, { ref: false })]);
  if (early?.ok && early.level === 4) return [early];
  // It fails, takes long, or could not be asked as deep as that: then the check counts.
  const shallow = await ask(round, own);
  return shallow.ok ? [shallow, await asked] : [shallow];
}

function ask(round: Round, probe: Probe): Promise<ProbeResult> {
  const { container, exec, attempt, idle, signal } = round;
  return askProbe(probe, { container, exec, nowMs: Date.now(), attempt, idle, signal });
}

function known(round: Round, probe: Probe): ProbeResult | undefined {
  return round.askAnew ? undefined : freshAnswer(probe, round.container, Date.now());
}

const isOwn = (probe: Probe): boolean => probe.kind === 'exec' && probe.ownCheck;

/**
 * The engine's own last run of the very same command, when it passed a moment ago: asking again would cost 80 ms of
 * processor time for the same answer. An older one, a failed one and one of another clock are asked anew.
 */
function freshAnswer(probe: Probe, container: ContainerState, nowMs: number): ProbeResult | undefined {
  const { lastCheck, health } = container;
  if (!isOwn(probe) || health !== 'healthy' || lastCheck?.exitCode !== 0) return undefined;
  const ageMs = nowMs - lastCheck.endedAtMs;
  if (ageMs < 0 || ageMs > FRESH_MS) return undefined;
  const said = lastLine(lastCheck.output);
  const when = `${duration(ageMs)} ago`;
  const text = said === '' ? `its check passed ${when}` : `${said}, ${when}`;
  return { level: probe.level, ok: true, evidence: evidence(text), latencyMs: 0 };
}
