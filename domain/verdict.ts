// How a container is, from what was seen of it over time: crash loops and flapping told from slowness. Pure.
import type { FailureCode } from './failures.ts';
import type { ProbeResult } from '../schema/probe.ts';

export interface Observation {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Docker's word (created, running, paused, restarting, exited, removing, dead), or `gone`. */
  readonly state: string;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  readonly restartCount: number;
  /** Docker's own verdict: starting, healthy, unhealthy. */
  readonly health?: string;
  /** Answers of this round; all must be good. Empty when only the container was looked at. */
  readonly probes: readonly ProbeResult[];
}

export interface VerdictRules {
  /** From `sinceMs` on, a container must be healthy within this time. */
  readonly timeoutMs: number;
  /** Restarts by its restart policy that make a crash loop; Docker's own waits add up to 3 s by then. @default 5 */
  readonly crashLoopRestarts?: number;
  /** Changes between healthy and sick that make it flap: 3 is healthy, sick, healthy, sick. @default 3 */
  readonly flapChanges?: number;
  /** It was healthy before the first look: being sick then is a change. @default false */
  readonly wasHealthy?: boolean;
  /** Who was sick after being healthy is healthy again only when that has held so long, milliseconds. @default 0 */
  readonly settleMs?: number;
}

export type Verdict =
  'healthy' | 'starting' | 'exited' | 'crash-loop' | 'flapping' | 'paused' | 'gone' | 'never-healthy';

export interface Judgement {
  readonly verdict: Verdict;
  /** Absent for healthy and starting. */
  readonly code?: FailureCode;
  /** One line, without the service's name. */
  readonly evidence: string;
}

/** What is remembered of all observations so far; JSON, of constant size. */
export interface Watch {
  /** When the waiting began. */
  readonly sinceMs: number;
  readonly firstRestartCount: number;
  /** Changes between healthy and sick since it was healthy first. */
  readonly changes: number;
  readonly healthyNow: boolean;
  readonly everHealthy: boolean;
  /** When it last changed between healthy and sick. */
  readonly changedAtMs?: number;
  /** Of the last death seen. */
  readonly lastExitCode?: number;
  readonly last: Observation;
}

/** The next memory. `sinceMs` counts only for the first observation; by default its own time. */
export function watch(before: Watch | undefined, seen: Observation, rules: VerdictRules, sinceMs?: number): Watch {
  const restarted = before !== undefined && seen.restartCount > before.last.restartCount;
  const ok = isHealthy(seen);
  // Looking without asking tells nothing new, as long as it runs on.
  const unasked = seen.state === 'running' && seen.probes.length === 0 && !ok && !restarted;
  const healthyNow = unasked ? (before?.healthyNow ?? false) : ok;
  const died = seen.state !== 'running' && seen.state !== 'paused' && seen.exitCode !== undefined;
  const exitCode = died ? seen.exitCode : before?.lastExitCode;
  const known = before ?? { everHealthy: rules.wasHealthy ?? false, healthyNow: rules.wasHealthy ?? false };
  const changed = changesOf(known, healthyNow, restarted);
  const changedAtMs = changed > 0 ? seen.atMs : before?.changedAtMs;
  return {
    sinceMs: before?.sinceMs ?? sinceMs ?? seen.atMs,
    firstRestartCount: before?.firstRestartCount ?? seen.restartCount,
    changes: (before?.changes ?? 0) + changed,
    healthyNow,
    everHealthy: known.everHealthy || healthyNow,
    ...(changedAtMs === undefined ? {} : { changedAtMs }),
    ...(exitCode === undefined ? {} : { lastExitCode: exitCode }),
    last: seen,
  };
}

/** What to think of it now. */
export function judge(seen: Watch, rules: VerdictRules): Judgement {
  const { last } = seen;
  const restarts = last.restartCount - seen.firstRestartCount;
  const exit = exitText(seen);
  if (last.state === 'gone' || last.state === 'removing') return failed('gone', 'DIVE-1207', 'the container is gone');
  if (restarts >= (rules.crashLoopRestarts ?? 5)) {
    return failed('crash-loop', 'DIVE-1202', `restarted ${restarts} times${exit === '' ? '' : `, ${exit}`}`);
  }
  if (seen.changes >= (rules.flapChanges ?? 3)) {
    return failed('flapping', 'DIVE-1205', `healthy and sick by turns, ${seen.changes} changes; ${lastAnswer(seen)}`);
  }
  if (last.state === 'exited' || last.state === 'dead') {
    return failed('exited', 'DIVE-1202', exit === '' ? 'it ended' : exit);
  }
  if (last.state === 'paused') return failed('paused', 'DIVE-1206', 'the container is paused');
  if (seen.healthyNow) {
    const heldMs = last.atMs - (seen.changedAtMs ?? Number.NEGATIVE_INFINITY);
    return heldMs >= (rules.settleMs ?? 0)
      ? { verdict: 'healthy', evidence: lastAnswer(seen) }
      : { verdict: 'starting', evidence: `healthy again, was sick a moment ago; ${lastAnswer(seen)}` };
  }
  if (last.atMs - seen.sinceMs >= rules.timeoutMs) {
    const waited = `not healthy within ${Math.round(rules.timeoutMs / 1000)} s`;
    return failed('never-healthy', 'DIVE-1204', `${waited}: ${lastAnswer(seen)}`);
  }
  const again = restarts === 0 ? '' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`}; `;
  return { verdict: 'starting', evidence: `${again}${lastAnswer(seen)}` };
}

/** The judgement on a whole sequence, oldest first; at least one observation. */
export function verdict(observations: readonly [Observation, ...Observation[]], rules: VerdictRules): Judgement {
  const [first, ...rest] = observations;
  return judge(
    rest.reduce<Watch>((before, seen) => watch(before, seen, rules), watch(undefined, first, rules)),
    rules,
  );
}

/** Docker's own `healthy` is no proof: it lasts through as many failed checks as its `retries` allow. */
function isHealthy(seen: Observation): boolean {
  return seen.state === 'running' && seen.probes.length > 0 && seen.probes.every((probe) => probe.ok);
}

/** A restart between two healthy moments is two changes: it was sick where nobody looked. */
function changesOf(before: Pick<Watch, 'everHealthy' | 'healthyNow'>, healthyNow: boolean, restarted: boolean): number {
  if (!before.everHealthy) return 0;
  if (before.healthyNow !== healthyNow) return 1;
  return restarted && healthyNow ? 2 : 0;
}

/** "killed for its memory (exit 137)", "exit 3", or nothing when no death was seen. */
function exitText(seen: Watch): string {
  if (seen.lastExitCode === undefined) return '';
  return seen.last.oomKilled === true
    ? `killed for its memory (exit ${seen.lastExitCode})`
    : `exit ${seen.lastExitCode}`;
}

/** What failed, else how deep the good answers go. */
function lastAnswer(seen: Watch): string {
  const { probes, state, health } = seen.last;
  const bad = probes.find((probe) => !probe.ok);
  if (bad !== undefined) return bad.evidence;
  const deepest = probes.toSorted((a, b) => b.level - a.level)[0];
  if (deepest !== undefined) return deepest.evidence;
  return health === undefined ? state : `${health}, says Docker`;
}

function failed(verdictName: Verdict, code: FailureCode, evidence: string): Judgement {
  return { verdict: verdictName, code, evidence };
}
