// Does something listen? Docker's own proxy accepts for a container that does not, so accepting is not enough.
import { connect } from 'node:net';
import type { ProbeResult } from '../../schema/probe.ts';
import { duration } from './evidence.ts';
import type { ProbeTarget } from './probe.ts';
import { publishedPort, type Address } from './published-port.ts';

type Answer = Pick<ProbeResult, 'ok' | 'evidence'>;

/** The proxy hangs up within a few milliseconds when nothing is behind it. */
const HOLD_MS = 100;

/** Never rejects for what a service does. @throws the reason of `target.signal` */
export async function askTcp(port: number, timeoutMs: number, target: ProbeTarget): Promise<Answer> {
  const address = publishedPort(target.container, port);
  if (address === undefined) return { ok: false, evidence: `port ${port} is not published on this machine` };
  target.signal?.throwIfAborted();
  const said = await listens(address, timeoutMs);
  return {
    ok: said === 'accepts',
    evidence: `port ${port} ${said === 'late' ? `no answer in ${duration(timeoutMs)}` : said}`,
  };
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
