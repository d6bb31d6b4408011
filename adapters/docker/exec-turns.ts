// Commands inside containers cost real processor time: few at once, one limit for the process.
import { availableParallelism } from 'node:os';
import { Semaphore } from 'async-mutex';

/** More at once make each of them slower, and the services they ask, too. */
const turns = new Semaphore(2 * availableParallelism());
/** What takes longer waits for something and needs no processor: hanging commands must not hold up the others. */
const TURN_MS = 1000;

/** Runs `work` when its turn has come. */
export async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
  const [, release] = await turns.acquire();
  const turn = setTimeout(release, TURN_MS);
  try {
    return await work();
  } finally {
    clearTimeout(turn);
    release();
  }
}
