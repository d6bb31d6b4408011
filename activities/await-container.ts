// Waiting for one container: look, judge, wait a little, again. Deployment and verification both come here.
import { setTimeout as pause } from 'node:timers/promises';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { lastLogLines } from '../adapters/docker/log-lines.ts';
import { LogStir } from '../adapters/docker/log-stir.ts';
import { endsWithin } from '../adapters/docker/wait-container.ts';
import { duration } from '../adapters/probes/evidence.ts';
import { observe } from '../adapters/probes/observe.ts';
import type { Exec, Probe } from '../adapters/probes/probe.ts';
import { RepeatedExec } from '../adapters/probes/repeat.ts';
import { LEAST_REST_MS, LONGEST_REST_MS, nextTryMs } from '../adapters/probes/schedule.ts';
import type { FailureDetails } from '../domain/failures.ts';
import { mask } from '../domain/mask.ts';
import { memoryAdvice } from '../domain/memory-advice.ts';
import { refusedByOldVolume } from '../domain/old-volume.ts';
import { type Watch, judge, watch } from '../domain/verdict.ts';
import type { ContainerState } from '../schema/observed.ts';
import { inside } from './inside.ts';
import { type MereRun, isMereRun, runsIdle } from './keeps-running.ts';
import type { OperationContext } from './operation-context.ts';
import { whileRunning } from './while-running.ts';

export interface ContainerWait {
  readonly service: string;
  readonly id: string;
  readonly probes: readonly Probe[];
  readonly completes: 'must' | 'may' | 'no';
  readonly timeoutMs: number;
  readonly expectedMs?: number | undefined;
  /** Start of the waiting, milliseconds since 1970; a retried activity does not begin anew. */
  readonly sinceMs: number;
  /** It opened its dependants before: sick now is a change, and healthy again has to hold. @default false */
  readonly wasHealthy?: boolean;
  /** What the engine's own check found before does not count. @default false */
  readonly askAnew?: boolean;
}

export interface ContainerVerdict {
  readonly ok: boolean;
  readonly evidence: string;
  readonly level: number;
  /** From the container's start to the good answer. */
  readonly durationMs: number;
  /** By the engine's clock, milliseconds since 1970; absent of one that never started. */
  readonly startedAtMs?: number | undefined;
  readonly failure?: FailureDetails;
}

/** Of one that was healthy, then sick, then healthy: long enough for a few answers, short beside any start. */
const SETTLE_MS = 2_000;

/** Resolves with the verdict, good or bad; rejects only when the engine itself does not answer or `signal` aborts. */
export async function awaitContainer(
  context: OperationContext,
  wait: ContainerWait,
  signal: AbortSignal,
  /** `tries` is absent where a command repeats itself inside: nobody counts there. */
  say: (answer: string, tries?: number) => void,
): Promise<ContainerVerdict> {
  const rules = {
    timeoutMs: wait.timeoutMs,
    wasHealthy: wait.wasHealthy ?? false,
    settleMs: SETTLE_MS,
  };
  const { engine } = context;
  const { sinceMs, expectedMs } = wait;
  // Over ssh a connection is a process at both ends.
  using log = new LogStir(engine, wait.id, !engine.host.startsWith('ssh:'));
  const place = inside(engine, wait.id, log);
  using repeated = new RepeatedExec(place, { sinceMs, deadlineMs: sinceMs + wait.timeoutMs, expectedMs });
  const once: Exec = (argv, options) =>
    whileRunning(engine, wait.id, signal, (ended) => place.once(argv, { ...options, signal: ended }));
  const untilGood: Exec = (argv, options) =>
    whileRunning(engine, wait.id, signal, (ended) => repeated.exec(argv, { ...options, signal: ended }));
  let memory: Watch | undefined;
  // What was started a moment ago and has to run for a while only: looked at when that is over, or when it ends.
  const mere = mereRun(wait);
  if (mere) say(`has to run for ${duration(mere.settleMs)}, no check`);
  const idle = mere !== undefined && (await runsIdle(engine, wait.id, mere, signal));
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    const container = await inspectContainer(context.engine, wait.id, signal);
    const startedMs = container?.startedAtMs ?? wait.sinceMs;
    const done = container && wait.completes !== 'no' && container.state === 'exited' && container.exitCode === 0;
    if (done) {
      const tookMs = Math.max(0, (container.finishedAtMs ?? startedMs) - startedMs);
      return { ok: true, evidence: 'completed, exit 0', level: 1, durationMs: tookMs, startedAtMs: startedMs };
    }
    // Somebody waits for its end: that it runs proves nothing.
    const probes = wait.completes === 'must' ? [] : wait.probes;
    const askedMs = performance.now();
    const seen = await observe({
      container,
      probes,
      // Whether it stays healthy is what is asked then: asking until it is would hide the bad answers.
      exec: wait.wasHealthy || memory?.healthyNow ? once : untilGood,
      // Measured in its first run.
      idle: idle && container?.restartCount === 0,
      attempt,
      askAnew: wait.askAnew === true,
      signal,
    });
    memory = watch(memory, seen, rules, wait.sinceMs);
    const judgement = judge(memory, rules);
    const evidence = mask(judgement.evidence, context.spec.secrets);
    if (judgement.verdict === 'healthy') {
      const level = Math.max(2, ...seen.probes.filter((p) => p.ok).map((p) => p.level));
      return {
        ok: true,
        evidence,
        level: seen.probes.length === 0 ? 2 : level,
        durationMs: Math.max(0, Date.now() - startedMs),
        startedAtMs: container?.startedAtMs,
      };
    }
    if (judgement.verdict !== 'starting') {
      const lines = await lastLogLines(context.engine, wait.id).catch(() => []);
      const seenSoFar: FailureDetails = {
        code: judgement.code ?? 'DIVE-1204',
        what: judgement.verdict === 'exited' ? exitedText(evidence, container) : evidence,
        service: wait.service,
        ...(lines.length === 0
          ? {}
          : { why: ['last lines of its log:', ...lines.map((l) => `  ${mask(l, context.spec.secrets)}`)] }),
      };
      const failure = { ...seenSoFar, ...reasonOf(context, seenSoFar, container) };
      return { ok: false, evidence, level: 1, durationMs: Math.max(0, Date.now() - startedMs), failure };
    }
    if (repeated.waitedInside) say(evidence);
    else say(evidence, attempt + 1);
    if (repeated.waitedInside && !memory.healthyNow) continue;
    const next = nextTryMs(probes[0] ?? { kind: 'tcp' }, Date.now() - startedMs, wait.expectedMs);
    // A command costs processor time that the service needs to become ready: twice what it took is left to others.
    const rest = probes.some((p) => p.kind === 'exec')
      ? Math.min(2 * (performance.now() - askedMs), LONGEST_REST_MS)
      : 0;
    // The last look comes when its time is over, not later.
    const leftMs = wait.sinceMs + wait.timeoutMs - Date.now();
    const ms = leftMs > 0 ? Math.min(Math.max(next, rest), leftMs) : Math.max(next, rest);
    // Nothing is asked of it meanwhile: its end, should it come, is all there is to hear.
    if (probes[0]?.kind === 'running' && container?.state === 'running')
      await endsWithin(context.engine, wait.id, ms, signal);
    else if (probes.length === 0) await pause(ms, undefined, { signal });
    else await log.rest({ sinceMs: askedMs, leastMs: Math.max(LEAST_REST_MS, rest / 2), ms }, signal);
  }
}

/** What it has to run for, where nothing else is asked of it. */
function mereRun({ probes, completes, sinceMs, wasHealthy, timeoutMs }: ContainerWait): MereRun | undefined {
  if (!isMereRun(probes) || completes === 'must' || wasHealthy) return undefined;
  const [probe] = probes;
  return { settleMs: Math.min(probe.settleMs, timeoutMs), idleMs: probe.idleMs, sinceMs };
}

/** Where the evidence tells more than a symptom: who is the root of it, and what to do about that. */
function reasonOf(
  context: OperationContext,
  failure: FailureDetails,
  container: ContainerState | undefined,
): Pick<FailureDetails, 'root' | 'next'> {
  const { spec, before } = context;
  if (container?.oomKilled === true) {
    const next = memoryAdvice(spec.services.find((s) => s.name === failure.service));
    return { next };
  }
  const volumes = before.volumes.map((v) => v.name);
  return refusedByOldVolume(failure, spec.services, volumes) ?? {};
}

/** "exits 0.1 s after its start: exit 3". */
function exitedText(evidence: string, container: ContainerState | undefined): string {
  if (container?.startedAtMs === undefined || container.finishedAtMs === undefined) return `ended: ${evidence}`;
  const ranS = Math.max(0, container.finishedAtMs - container.startedAtMs) / 1000;
  return ranS < 2
    ? `exits as soon as it starts: ${evidence}`
    : `exits ${ranS.toFixed(1)} s after its start: ${evidence}`;
}
