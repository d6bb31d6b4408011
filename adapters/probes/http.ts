// The HTTP question: directly where the port is published, else by a client inside the container.
import type { ProbeResult } from '../../schema/probe.ts';
import { evidence, execEvidence } from './evidence.ts';
import { callHttp } from './http-call.ts';
import type { HttpQuestion, ProbeTarget } from './probe.ts';
import { publishedPort } from './published-port.ts';

type Answer = Pick<ProbeResult, 'ok' | 'evidence'>;

/** Never rejects for what a service does or fails to do. @throws the reason of `target.signal` */
export async function askHttp(question: HttpQuestion, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const address = publishedPort(target.container, question.port);
  if (address === undefined) return askFromInside(question, timeoutMs, target);
  const { port, path } = question;
  const call = { address, port, path, statusOnly: question.contains === undefined };
  const answer = await callHttp(call, timeoutMs, target.signal);
  return answer.kind === 'failed'
    ? { ok: false, evidence: answer.evidence }
    : judge(question, answer.status, answer.body);
}

function judge(question: HttpQuestion, status: number, body: string): Answer {
  const right = question.statuses.length === 0 ? status >= 200 && status < 400 : question.statuses.includes(status);
  const says = `${question.path} says ${status}`;
  if (right && question.contains !== undefined && !body.includes(question.contains)) {
    return { ok: false, evidence: evidence(`${says} without "${question.contains}"`) };
  }
  return { ok: right, evidence: evidence(says) };
}

/** Both clients print the head of the answer: curl on standard output, wget on standard error. */
const CLIENTS = [
  'if command -v curl >/dev/null 2>&1; then exec curl -sSi -m "$1" "$2"; fi',
  // The busybox of some images crashes on its own -T.
  'if command -v timeout >/dev/null 2>&1; then limit="timeout $1"; fi',
  'if command -v wget >/dev/null 2>&1; then exec $limit wget -S -q -O - "$2"; fi',
  'echo "neither curl nor wget in the container" >&2; exit 127',
].join('\n');

async function askFromInside(question: HttpQuestion, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const url = `http://127.0.0.1:${question.port}${question.path}`;
  const answer = await target.exec(['/bin/sh', '-c', CLIENTS, 'probe', seconds, url], { timeoutMs: timeoutMs + 1000 });
  if (answer.kind !== 'exited') return { ok: false, evidence: execEvidence(answer, timeoutMs) };
  const status = [...answer.output.matchAll(/HTTP\/[\d.]+ (\d{3})/g)].at(-1)?.[1];
  if (status === undefined) return { ok: false, evidence: execEvidence(answer, timeoutMs) };
  return judge(question, Number(status), answer.output);
}
