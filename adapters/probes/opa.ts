// Level 4 for OPA: it really decides, as its policy says. A policy that is not there is an answer of 200 too, without a
// result: only the comparison proves anything.
import { isDeepStrictEqual } from 'node:util';
import type { OpaQuestion } from '../../schema/probe.ts';
import { duration, evidence, execEvidence } from './evidence.ts';
import { type Functional, imageName } from './functional.ts';
import { type HttpAnswer, callHttp } from './http-call.ts';
import { publishedPort } from './published-port.ts';
import type { ProbeTarget } from './probe.ts';

export const OPA_PORT = 8181;
const HEALTH = '/health?bundles=true&plugins=true';

export const opa: Functional<OpaQuestion> = {
  timeoutMs: 3000,
  description: ({ decision }) => (decision === undefined ? 'its bundles are active' : `decides ${decision}`),
  isImage: (reference) => imageName(reference) === 'opa',
  programs: ['run', 'opa'],
  ask: async (options, timeoutMs, target) => {
    const port = options.port ?? OPA_PORT;
    const begun = performance.now();
    const health = await call(port, { path: HEALTH }, timeoutMs, target);
    if (health.kind === 'failed') return { level: 4, ok: false, evidence: health.evidence };
    if (health.status !== 200) {
      return { level: 4, ok: false, evidence: evidence(`/health says ${health.status}: ${messageIn(health.body)}`) };
    }
    if (options.decision === undefined) return { level: 3, ok: true, evidence: 'healthy, its bundles are active' };
    const path = `/v1/data/${options.decision.replaceAll('.', '/')}`;
    const body = JSON.stringify({ input: options.input ?? {} });
    const decided = await call(port, { path, body }, timeoutMs, target);
    if (decided.kind === 'failed') return { level: 4, ok: false, evidence: decided.evidence };
    const result = resultIn(decided.body);
    if (decided.status === 200 && isDeepStrictEqual(result, options.expect)) {
      return { level: 4, ok: true, evidence: `decides as its policy says, in ${duration(performance.now() - begun)}` };
    }
    const got = result === undefined ? 'nothing: is the policy there?' : JSON.stringify(result);
    const wanted = JSON.stringify(options.expect);
    return { level: 4, ok: false, evidence: evidence(`${options.decision} should be ${wanted} and is ${got}`) };
  },
};

/** From outside where the port is published; else by OPA itself, whose image has no shell. */
async function call(
  port: number,
  request: { readonly path: string; readonly body?: string },
  timeoutMs: number,
  target: ProbeTarget,
): Promise<HttpAnswer> {
  const address = publishedPort(target.container, port);
  if (address !== undefined) return callHttp({ address, port, ...request }, timeoutMs, target.signal);
  const question = JSON.stringify({
    method: request.body === undefined ? 'GET' : 'POST',
    url: `http://127.0.0.1:${port}${request.path}`,
    timeout: `${timeoutMs}ms`,
    ...(request.body === undefined ? {} : { raw_body: request.body }),
  });
  const query = `r := http.send(${question}); [r.status_code, r.raw_body]`;
  const argv = ['/opa', 'eval', '--fail', '--format', 'raw', query];
  const answer = await target.exec(argv, { timeoutMs: timeoutMs + 1000 });
  if (answer.kind !== 'exited' || answer.exitCode !== 0) {
    return { kind: 'failed', evidence: execEvidence(answer, timeoutMs) };
  }
  const said: unknown = parsed(answer.output);
  return Array.isArray(said)
    ? { kind: 'answered', status: Number(said[0]), body: String(said[1]) }
    : { kind: 'failed', evidence: evidence(answer.output) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function resultIn(body: string): unknown {
  const answer = parsed(body);
  return typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : undefined;
}

function messageIn(body: string): string {
  const answer = parsed(body);
  return typeof answer === 'object' && answer !== null && 'error' in answer ? String(answer.error) : body;
}
