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
  const { port, path, contains } = question;
  const call = {
    address,
    port,
    path,
    wanted: (status: number) => {
      if (!isRight(question, status)) return 'beginning';
      return contains === undefined ? 'nothing' : 'all';
    },
  } as const;
  const answer = await callHttp(call, timeoutMs, target.signal);
  return answer.kind === 'failed'
    ? { ok: false, evidence: answer.evidence }
    : judge(question, answer.status, answer.body);
}

function isRight({ statuses }: HttpQuestion, status: number): boolean {
  return statuses.length === 0 ? status >= 200 && status < 400 : statuses.includes(status);
}

function judge(question: HttpQuestion, status: number, body: string): Answer {
  const { path, contains } = question;
  const says = `${path} says ${status}`;
  if (!isRight(question, status)) {
    // What it says of itself; neither a page, which is for browsers, nor wget's heads.
    const why = /^\s*(<|HTTP\/)/.test(body) ? '' : body.trim();
    return { ok: false, evidence: evidence(why === '' ? says : `${says}: ${why}`) };
  }
  if (contains === undefined) return { ok: true, evidence: evidence(says) };
  return body.includes(contains)
    ? { ok: true, evidence: evidence(`${path} says "${contains}"`) }
    : { ok: false, evidence: evidence(`${says} without "${contains}"`) };
}

/** All print the head of the answer: curl and bash on standard output, wget on standard error. */
const CLIENTS = [
  'if command -v curl >/dev/null 2>&1; then exec curl -sSi -m "$1" "$2"; fi',
  // The busybox of some images crashes on its own -T.
  'if command -v timeout >/dev/null 2>&1; then limit="timeout $1"; fi',
  'if command -v wget >/dev/null 2>&1; then exec $limit wget -S -q -O - "$2"; fi',
  // Small images of Debian have neither.
  'if command -v bash >/dev/null 2>&1; then exec $limit bash -c "$4" probe "$3" "${2#http://*/}"; fi',
  'echo "no curl, wget or bash in the container" >&2; exit 127',
].join('\n');

const IN_BASH = `exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /%s HTTP/1.0\\r\\nHost: 127.0.0.1:%s\\r\\n\\r\\n' "$2" "$1" >&3 && cat <&3`;

async function askFromInside(question: HttpQuestion, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const { port, path } = question;
  const url = `http://127.0.0.1:${port}${path}`;
  const argv = ['/bin/sh', '-c', CLIENTS, 'probe', seconds, url, String(port), IN_BASH];
  const answer = await target.exec(argv, { timeoutMs: timeoutMs + 1000 });
  if (answer.kind !== 'exited') return { ok: false, evidence: execEvidence(answer, timeoutMs) };
  const status = [...answer.output.matchAll(/^ *HTTP\/[\d.]+ (\d{3})/gm)].at(-1)?.[1];
  if (status === undefined) return { ok: false, evidence: execEvidence(answer, timeoutMs) };
  return judge(question, Number(status), bodyOf(answer.output));
}

/** Behind the last head, where it is printed before the body: by curl and bash. */
function bodyOf(output: string): string {
  const head = [...output.matchAll(/^HTTP\/[\d.]+ \d{3}(?:.*\r?\n)+?\r?\n/gm)].at(-1);
  return head === undefined ? output : output.slice(head.index + head[0].length);
}
