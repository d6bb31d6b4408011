// That a service is healthy is proven where it was started, from that moment on: of a row of starts the first must not
// wait for its verdict until the last has begun. Who asks for it later joins.
import type { ServiceVerdict, StartedService } from '../domain/deployment.ts';
import type { WaitHeartbeat } from '../domain/messages.ts';

export type Say = (said: WaitHeartbeat) => void;

/** A wait for the health of one service. */
export interface Proof {
  /** Rejects with the failure, or the reason of `stop`. */
  readonly verdict: Promise<ServiceVerdict>;
  /** What it says goes there from now on, the last thing at once. */
  tell(say: Say): void;
  stop(reason: unknown): void;
}

/** Of one operation, in this process; any other worker proves anew. */
export class Proofs {
  readonly #begun = new Map<string, Proof>();
  readonly #proven = new Set<string>();
  readonly #over: AbortSignal;

  /** With `over` those under way end. */
  constructor(over: AbortSignal) {
    this.#over = over;
  }

  /** The proof of these containers: under way, done, or begun with `work`. One that failed is begun anew. */
  of(
    service: string,
    containers: StartedService['containers'],
    work: (signal: AbortSignal, say: Say) => Promise<ServiceVerdict>,
  ): Proof {
    const key = [service, ...containers.map((c) => c.id)].join(' ');
    const known = this.#begun.get(key);
    if (known) return known;
    const proof = begin(this.#over, work);
    this.#begun.set(key, proof);
    proof.verdict.then(
      () => containers.forEach((c) => this.#proven.add(c.id)),
      () => this.#begun.delete(key),
    );
    return proof;
  }

  /** Was this container found healthy? */
  has(containerId: string): boolean {
    return this.#proven.has(containerId);
  }
}

function begin(over: AbortSignal, work: (signal: AbortSignal, say: Say) => Promise<ServiceVerdict>): Proof {
  const stop = new AbortController();
  let last: WaitHeartbeat | undefined;
  let told: Say = () => undefined;
  const say: Say = (said) => {
    last = said;
    told(said);
  };
  return {
    verdict: work(AbortSignal.any([over, stop.signal]), say),
    tell: (next) => {
      told = next;
      if (last) next(last);
    },
    stop: (reason) => stop.abort(reason),
  };
}
