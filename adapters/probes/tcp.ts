// Does something listen? Docker's own proxy accepts for a container that does not, so accepting is not enough.
import { connect } from 'node:net';
import type { ProbeResult } from '../../schema/probe.ts';
import { duration, execEvidence } from './evidence.ts';
import type { ProbeTarget } from './probe.ts';
import { publishedPort, type Address } from './published-port.ts';

type Answer = Pick<ProbeResult, 'ok' | 'evidence'>;

/** The proxy hangs up within a few milliseconds when nothing is behind it. */
const HOLD_MS = 100;

/** Never rejects for what a service does. @throws the reason of `target.signal` */
export async function askTcp(port: number, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const answer = await askFromOutside(port, timeoutMs, target);
  return answer ?? askFromInside(port, timeoutMs, target);
}

/** undefined where the port is not reached from this machine; otherwise like `askTcp`. */
export async function askFromOutside(
  port: number,
  timeoutMs: number,
  target: ProbeTarget,
): Promise<Answer | undefined> {
  const address = publishedPort(target.container, port);
  if (address === undefined) return undefined;
  target.signal?.throwIfAborted();
  const said = await listens(address, timeoutMs);
  return {
    ok: said === 'accepts',
    evidence: `port ${port} ${said === 'late' ? `no answer in ${duration(timeoutMs)}` : said}`,
  };
}

/** The kernel's own list of the container's sockets: the second word is `address:port` in hex, 0A is listening. */
async function askFromInside(port: number, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const answer = await target.exec(['cat', '/proc/net/tcp', '/proc/net/tcp6'], { timeoutMs });
  if (answer.kind !== 'exited') return { ok: false, evidence: execEvidence(answer, timeoutMs) };
  // Without IPv6 the second file is missing, and cat fails for it.
  const sockets = answer.output.split('\n').map((line) => line.trim().split(/\s+/));
  if (!sockets.some(([first]) => first === 'sl')) return { ok: false, evidence: execEvidence(answer, timeoutMs) };
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const ok = sockets.some(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`));
  return { ok, evidence: `port ${port}: ${ok ? 'something listens inside' : 'nothing listens inside'}` };
}

function listens(address: Address, timeoutMs: number): Promise<'accepts' | 'refuses' | 'closes at once' | 'late'> {
  return new Promise((resolve) => {
    let accepted = false;
    const socket = connect(address);
    const timer = setTimeout(() => end('late'), timeoutMs);
    let hold: NodeJS.Timeout | undefined;
    function end(said: 'accepts' | 'refuses' | 'closes at once' | 'late'): void {
      clearTimeout(timer);
      clearTimeout(hold);
      socket.destroy();
      resolve(said);
    }
    socket.once('connect', () => {
      accepted = true;
      hold = setTimeout(() => end('accepts'), HOLD_MS);
    });
    // A banner is proof enough.
    socket.once('data', () => end('accepts'));
    socket.once('end', () => end('closes at once'));
    socket.once('error', () => end(accepted ? 'closes at once' : 'refuses'));
  });
}
