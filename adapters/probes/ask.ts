// The one probe function: any probe, one result shape.
import type { ProbeResult } from '../../schema/probe.ts';
import { duration, evidence, execEvidence } from './evidence.ts';
import { askHttp } from './http.ts';
import { askFunctional } from './functional-kinds.ts';
import type { Probe, ProbeTarget } from './probe.ts';
import { askFromOutside, askTcp } from './tcp.ts';

/** Every so many tries the command itself is asked, in case the way from outside is not the way from inside. */
const COMMAND_EVERY = 5;

/**
 * Asks once. What the service does or fails to do is a result, never an exception.
 * @throws what `target.exec` throws (the engine itself does not answer), or the reason of `target.signal`
 */
export async function askProbe(probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const begun = performance.now();
  const answer = await ask(probe, target);
  return { level: probe.level, ...answer, latencyMs: Math.round((performance.now() - begun) * 10) / 10 };
}

type Answer = Omit<ProbeResult, 'latencyMs' | 'level'> & Partial<Pick<ProbeResult, 'level'>>;

async function ask(probe: Probe, target: ProbeTarget): Promise<Answer> {
  const { state } = target.container;
  if (state !== 'running') return { level: 1, ok: false, evidence: `the container is ${state}` };
  switch (probe.kind) {
    case 'http':
      return askHttp(probe, probe.timeoutMs, target);
    case 'tcp':
      return askTcp(probe.port, probe.timeoutMs, target);
    case 'functional':
      return askFunctional(probe, target);
    case 'exec':
      return askExec(probe, target);
    case 'running':
      return askRunning(probe, target);
  }
}

async function askExec(probe: Extract<Probe, { kind: 'exec' }>, target: ProbeTarget): Promise<Answer> {
  if (probe.cheaper !== undefined && target.attempt % COMMAND_EVERY !== COMMAND_EVERY - 1) {
    const answer = await askHttp(probe.cheaper, probe.timeoutMs, target);
    if (!answer.ok) return answer;
  }
  const answer = await target.exec(probe.argv, { timeoutMs: probe.timeoutMs });
  return {
    ok: answer.kind === 'exited' && answer.exitCode === 0,
    evidence: execEvidence(answer, probe.timeoutMs),
  };
}

async function askRunning(probe: Extract<Probe, { kind: 'running' }>, target: ProbeTarget): Promise<Answer> {
  const asked = probe.ports.map(async (port) => {
    const answer = await askFromOutside(port, probe.timeoutMs, target);
    return answer ?? { ok: false, evidence: `port ${port} is not reached from here` };
  });
  const tried = await Promise.all(asked);
  const answering = tried.find((answer) => answer.ok);
  if (answering !== undefined) return { ok: true, evidence: `${answering.evidence}, no check` };
  const ranMs = Math.max(0, target.nowMs - (target.container.startedAtMs ?? target.nowMs));
  const silent = tried.map((answer) => `, ${answer.evidence}`).join('');
  if (target.idle === true && probe.idleMs !== undefined)
    return { level: 1, ok: true, evidence: evidence(`running, idle after ${duration(ranMs)}, no check${silent}`) };
  if (ranMs >= probe.settleMs) return { level: 1, ok: true, evidence: evidence(`running, no check${silent}`) };
  const ran = `runs for ${duration(ranMs)} of ${duration(probe.settleMs)}`;
  return { level: 1, ok: false, evidence: evidence(`${ran}${silent}`), provenInMs: probe.settleMs - ranMs };
}
