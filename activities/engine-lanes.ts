// How much is asked of the engine at once.
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Semaphore } from 'async-mutex';

/** A lane holds so many of a crowd side by side: none of them is more urgent, and the engine then waits less. */
const WIDTH = 4;

/**
 * Creating and starting take the engine's processor time, as much for each however many are asked for at once:
 * with more than one a core each only takes longer, and who is needed first would not be first.
 */
const lanes = new Semaphore(WIDTH * availableParallelism());
/** What nobody waits for yet comes after everything somebody waits for. */
const AHEAD = -1e12;

/** Activities scheduled together arrive within this time, in any order. */
const TOGETHER_MS = 25;

/** Lets those more urgent arrive first, where there are enough of them to fill the lanes. */
export async function giveWay(place: number, signal: AbortSignal): Promise<void> {
  if (place >= availableParallelism()) await pause(TOGETHER_MS, undefined, { signal });
}

/** Runs `work` when the engine has a hand free; the longest remaining path (`rankMs`) first. */
export function inLane<T>(rankMs: number, work: () => Promise<T>, isCrowd = false): Promise<T> {
  return lanes.runExclusive(work, isCrowd ? 1 : WIDTH, rankMs);
}

/** As `inLane`, for work that is done ahead of need. */
export function inLaneAhead<T>(rankMs: number, work: () => Promise<T>): Promise<T> {
  return lanes.runExclusive(work, WIDTH, AHEAD + rankMs);
}
