// Activities scheduled together arrive in any order: who is more urgent is let in first.
import { setTimeout as pause } from 'node:timers/promises';
import type { Turn } from '../domain/deployment.ts';

/** They arrive within some 30 ms; longer means that another worker got one of them. */
const LATEST_MS = 100;

interface Moment {
  readonly places: Set<number>;
  /** Called at each arrival. */
  readonly listeners: Set<() => void>;
}

export class Arrivals {
  readonly #moments = new Map<string, Moment>();
  readonly #latestMs: number;

  constructor(latestMs = LATEST_MS) {
    this.#latestMs = latestMs;
  }

  /**
   * Announces this one, and waits until everybody before it in the same moment of `operation` has come, `latestMs` at
   * most. The first `free` need not wait: there is a hand for each of them.
   * @throws the reason of `signal`
   */
  async inTurn(operation: string, { momentMs, place }: Turn, free: number, signal: AbortSignal): Promise<void> {
    const key = `${operation}/${momentMs}`;
    const known = this.#moments.get(key);
    const moment = known ?? { places: new Set<number>(), listeners: new Set() };
    if (!known) {
      this.#moments.set(key, moment);
      setTimeout(() => this.#moments.delete(key), 2 * this.#latestMs).unref();
    }
    moment.places.add(place);
    for (const listener of moment.listeners) listener();
    if (place >= free) await this.#allBefore(moment, place, signal);
  }

  async #allBefore(moment: Moment, place: number, signal: AbortSignal): Promise<void> {
    const isComplete = (): boolean => Array.from({ length: place }, (_, n) => n).every((n) => moment.places.has(n));
    if (isComplete()) return;
    const enough = new AbortController();
    const listener = (): void => {
      if (isComplete()) enough.abort();
    };
    moment.listeners.add(listener);
    try {
      await pause(this.#latestMs, undefined, { signal: AbortSignal.any([signal, enough.signal]) });
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      moment.listeners.delete(listener);
    }
  }
}
