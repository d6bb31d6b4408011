// That a container writes to its log is a hint that something has changed in it. What it writes is not read here.
import { setTimeout as pause } from 'node:timers/promises';
import { part, sendForStream, type Wire } from './request.ts';

/** Who writes all the time must not be asked all the time: so many questions more, and as many as take this share of the time. */
const EARLY_QUESTIONS = 3;
const EARLY_SHARE = 0.02;
/** Who writes more than this while it is waited for says nothing by it, and reading it costs processor time. */
const MOST_BYTES = 1024 * 1024;

export interface EarlyRest {
  /** When the last question was put, by `performance.now()`: what was written since counts. */
  readonly sinceMs: number;
  /** Shortest rest, milliseconds. */
  readonly leastMs: number;
  /** Longest rest, milliseconds. */
  readonly ms: number;
}

/** Rests between two questions to one container. Its log is followed from the first rest to the end of this. */
export class LogStir implements Disposable {
  readonly #engine: Wire;
  readonly #id: string;
  readonly #end = new AbortController();
  #wroteAtMs = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;
  #mayFollow: boolean;
  readonly #begunMs = performance.now();
  /** What questions have taken that were put early. */
  #earlyMs = 0;

  /** `mayFollow`: is hearing of its log worth a connection? Otherwise all rests are whole. */
  constructor(engine: Wire, id: string, mayFollow = true) {
    this.#engine = engine;
    this.#id = id;
    this.#mayFollow = mayFollow;
  }

  /** Ends early when the container has written something. @throws the signal's reason */
  async rest({ sinceMs, leastMs, ms }: EarlyRest, signal: AbortSignal): Promise<void> {
    if (this.#mayFollow) {
      this.#mayFollow = false;
      void this.#follow();
    }
    const nowMs = performance.now();
    // The next question will take about as long as the last.
    const tookMs = nowMs - sinceMs;
    const mayEndEarly = this.#earlyMs + tookMs <= EARLY_QUESTIONS * tookMs + EARLY_SHARE * (nowMs - this.#begunMs);
    await pause(Math.min(leastMs, ms), undefined, { signal });
    const leftMs = ms - leastMs;
    if (leftMs <= 0) return;
    const over = new AbortController();
    const whole = pause(leftMs, 'whole', { signal: AbortSignal.any([signal, over.signal]) });
    try {
      const first = await Promise.race([whole, ...(mayEndEarly ? [this.#written(sinceMs)] : [])]);
      if (first === 'written') this.#earlyMs += tookMs;
    } finally {
      over.abort();
      await Promise.allSettled([whole]);
    }
  }

  #written(sinceMs: number): Promise<'written'> {
    return new Promise((resolve) => {
      this.#wake = () => resolve('written');
      if (this.#wroteAtMs > sinceMs) this.#wake();
    });
  }

  async #follow(): Promise<void> {
    const query = { stdout: true, stderr: true, follow: true, tail: 0 };
    try {
      const path = `/containers/${part(this.#id)}/logs`;
      const log = await sendForStream(this.#engine, { method: 'GET', path, query, signal: this.#end.signal });
      let bytes = 0;
      for await (const piece of log) {
        this.#wroteAtMs = performance.now();
        this.#wake();
        bytes += piece.length;
        // Leaving the loop ends the stream.
        if (bytes > MOST_BYTES) break;
      }
    } catch {
      // No log that can be followed, or no longer: rests are whole then. What is wrong the next question hears.
    }
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }
}
