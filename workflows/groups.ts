import { condition } from '@temporalio/workflow';

interface Asked<Q, R> {
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
  readonly #run: (requests: readonly Q[]) => Promise<readonly R[]>;
  readonly #queue: Asked<Q, R>[] = [];
  #underWay = 0;
  #collecting = false;

  /** `run` gives an answer for each request, in their order; it may give more. */
  constructor(
    size: number,
    mayHandOn: (underWay: number) => boolean,
    run: (requests: readonly Q[]) => Promise<readonly R[]>,
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
      const answers = await this.#run(group.map((a) => a.request));
      for (const [i, asked] of group.entries()) {
        const answer = answers[i];
        if (answer === undefined) throw new Error('fewer answers than questions');
        asked.resolve(answer);
      }
    } catch (error) {
      for (const asked of group) asked.reject(error);
    } finally {
      this.#underWay -= 1;
    }
  }
}
