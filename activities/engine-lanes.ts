// How much is asked of the engine at once.
import { availableParallelism } from 'node:os';
import { Semaphore } from 'async-mutex';
import type { OperationRef, Turn } from '../domain/deployment.ts';
import { Arrivals } from './arrivals.ts';

/** A lane holds so many of a crowd side by side: none of them is more urgent, and the engine then waits less. */
const WIDTH = 4;

/**
 * Creating and starting take the engine's processor time, as much for each however many are asked for at once:
 * with more than one a core each only takes longer, and who is needed first would not be first.
 */
const lanes = new Semaphore(WIDTH * availableParallelism());
/** What nobody waits for yet comes after everything somebody waits for. */
const AHEAD = -1e12;
const arrivals = new Arrivals();
/** A creation costs little beside a start, so it is done while others are started: a lane then begins with the start. */
const creations = new Semaphore(availableParallelism());

/** Lets those of the same moment that are more urgent arrive first, where there are enough of them to fill the lanes. */
export function giveWay({ instance, fence }: OperationRef, turn: Turn, signal: AbortSignal): Promise<void> {
  return arrivals.inTurn(`${instance}/${fence}`, turn, availableParallelism(), signal);
}

/** Runs a creation that somebody waits for; the longest remaining path first. */
export function inCreation<T>(rankMs: number, create: () => Promise<T>): Promise<T> {
  return creations.runExclusive(create, 1, rankMs);
}

/** Runs `work` when the engine has a hand free; the longest remaining path (`rankMs`) first. */
export function inLane<T>(rankMs: number, work: () => Promise<T>, isCrowd = false): Promise<T> {
  return lanes.runExclusive(work, isCrowd ? 1 : WIDTH, rankMs);
}

/** As `inLane`, for work that is done ahead of need. */
export function inLaneAhead<T>(rankMs: number, work: () => Promise<T>): Promise<T> {
  return lanes.runExclusive(work, WIDTH, AHEAD + rankMs);
}
