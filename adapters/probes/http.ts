// The HTTP question: directly where the port is published, else by a client inside the container.
import { get as httpGet } from 'node:http';
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
    : askDirectly(question, address, timeoutMs, target.signal);
}

async function askDirectly(
  question: HttpQuestion,
  address: Address,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    const { status, body } = await get(question, address, AbortSignal.timeout(timeoutMs), signal);
    return judge(question, status, body);
  } catch (error) {
    signal?.throwIfAborted();
    const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
    if (code === 'ABORT_ERR') {
      return { ok: false, evidence: evidence(`${question.path}: no answer in ${duration(timeoutMs)}`) };
    }
    return { ok: false, evidence: evidence(`port ${question.port}: ${reasonOf(code, error)}`) };
  }
}

/** Not `fetch`: that refuses some ports a service may well publish (6000, 10080), and keeps connections. */
function get(
  question: HttpQuestion,
  { host, port }: Address,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<{ status: number; body: string }> {
  const signal = AbortSignal.any(signals.filter((given) => given !== undefined));
  return new Promise((resolve, reject) => {
    const options = { host, port, path: question.path, agent: false, signal, headers: { 'User-Agent': 'dive' } };
    const request = httpGet(options, (response) => {
      const status = response.statusCode ?? 0;
      let body = '';
      const finish = (): void => {
        resolve({ status, body });
        request.destroy();
      };
      if (question.contains === undefined) return finish();
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
        if (body.length > MAX_BODY) finish();
      });
      response.once('end', finish);
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}

function reasonOf(code: unknown, error: unknown): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  // Docker's proxy accepts for a service that does not listen yet, and hangs up.
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed at once, nothing listens inside';
  return error instanceof Error ? error.message : String(error);
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
