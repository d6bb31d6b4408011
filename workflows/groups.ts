import { condition } from '@temporalio/workflow';

/** A request, and the way to whoever made it. */
export interface Asked<Q, R> {
  readonly request: Q;
  resolve(answer: R): void;
  reject(error: unknown): void;
}

/** Others of the same moment ask within so many turns of the event loop's microtasks. */
const TURNS = 20;

/** Collects what is asked for in one moment and hands it on together: `size` at a time, while `mayHandOn` says so. */
export class Groups<Q, R> {
  readonly #size: number;
  readonly #mayHandOn: (underWay: number) => boolean;
  readonly #run: (group: readonly Asked<Q, R>[]) => Promise<void>;
  readonly #queue: Asked<Q, R>[] = [];
  #underWay = 0;
  #collecting = false;

  /** `run` answers each of the group, and resolves when it is through. Whom it has not answered hears why it rejects. */
  constructor(
    size: number,
    mayHandOn: (underWay: number) => boolean,
    run: (group: readonly Asked<Q, R>[]) => Promise<void>,
  ) {
    this.#size = size;
    this.#mayHandOn = mayHandOn;
    this.#run = run;
  }

  ask(request: Q): Promise<R> {
    const answer = new Promise<R>((resolve, reject) => this.#queue.push({ request, resolve, reject }));
    if (!this.#collecting) {
      this.#collecting = true;
      void this.#handOn();
    }
    return answer;
  }

  async #handOn(): Promise<void> {
    // One promise for all turns: the SDK notes a stack trace for each that is made.
    const next = Promise.resolve();
    for (let turn = 0; turn < TURNS; turn += 1) await next;
    while (this.#queue.length > 0) {
      try {
        await condition(() => this.#mayHandOn(this.#underWay));
      } catch (error) {
        for (const asked of this.#queue.splice(0)) asked.reject(error);
        break;
      }
      void this.#runGroup(this.#queue.splice(0, this.#size));
    }
    this.#collecting = false;
  }

  async #runGroup(group: readonly Asked<Q, R>[]): Promise<void> {
    this.#underWay += 1;
    try {
      await this.#run(group);
    } catch (error) {
      for (const asked of group) asked.reject(error);
    } finally {
      this.#underWay -= 1;
    }
  }
}
