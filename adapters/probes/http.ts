// The HTTP question, by fetch where the port is published, else by a client inside the container.
import type { ProbeResult } from '../../schema/probe.ts';
import { duration, evidence, execEvidence } from './evidence.ts';
import type { HttpQuestion, ProbeTarget } from './probe.ts';
import { publishedPort, type Address } from './published-port.ts';

type Answer = Pick<ProbeResult, 'ok' | 'evidence'>;

const MAX_BODY = 64 * 1024;

/** Never rejects for what a service does or fails to do. @throws the reason of `target.signal` */
export async function askHttp(question: HttpQuestion, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const address = publishedPort(target.container, question.port);
  return address === undefined
    ? askFromInside(question, timeoutMs, target)
    : askByFetch(question, address, timeoutMs, target);
}

async function askByFetch(
  question: HttpQuestion,
  address: Address,
  timeoutMs: number,
  target: ProbeTarget,
): Promise<Answer> {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = target.signal === undefined ? late : AbortSignal.any([late, target.signal]);
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  try {
    const response = await target.fetch(`http://${host}:${address.port}${question.path}`, {
      redirect: 'manual',
      signal,
    });
    const body = await bodyOf(response, question.contains !== undefined);
    return judge(question, response.status, body);
  } catch (error) {
    target.signal?.throwIfAborted();
    if (late.aborted) return { ok: false, evidence: evidence(`${question.path}: no answer in ${duration(timeoutMs)}`) };
    return { ok: false, evidence: evidence(`port ${question.port}: ${reasonOf(error)}`) };
  }
}

/** The body is only read when it matters; otherwise the connection is given up. */
async function bodyOf(response: Response, wanted: boolean): Promise<string> {
  if (wanted) return (await response.text()).slice(0, MAX_BODY);
  await response.body?.cancel();
  return '';
}

function judge(question: HttpQuestion, status: number, body: string): Answer {
  const right = question.statuses.length === 0 ? status >= 200 && status < 400 : question.statuses.includes(status);
  const says = `${question.path} says ${status}`;
  if (right && question.contains !== undefined && !body.includes(question.contains)) {
    return { ok: false, evidence: evidence(`${says} without "${question.contains}"`) };
  }
  return { ok: right, evidence: evidence(says) };
}

/** Node's fetch hides the socket's reason one or two causes down. */
function reasonOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at ? String(at.code) : '';
    if (code === 'ECONNREFUSED') return 'connection refused';
    // Docker's proxy accepts for a service that does not listen yet, and hangs up.
    if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'closed at once, nothing listens inside';
    if (at.cause === undefined) return code === '' ? at.message : code;
  }
  return String(error);
}

/** Both clients print the head of the answer: curl on standard output, wget on standard error. */
const CLIENTS = [
  'if command -v curl >/dev/null 2>&1; then exec curl -sSi -m "$1" "$2"; fi',
  'if command -v wget >/dev/null 2>&1; then exec wget -S -q -T "$1" -O - "$2"; fi',
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
