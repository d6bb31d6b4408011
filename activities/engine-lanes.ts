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
/** Two starts side by side take longer than either alone: who has this much time to spare lets the other go first. */
const SPARE_MS = 10_000;
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

/** Resolves when no start under way is so much more urgent that this one should leave the engine to it. */
export type MayStart = () => Promise<void>;

/** Runs `work` when the engine has a hand free; the longest remaining path (`rankMs`) first. */
export function inLane<T>(rankMs: number, work: (mayStart: MayStart) => Promise<T>, isCrowd = false): Promise<T> {
  if (isCrowd) return lanes.runExclusive(() => work(() => Promise.resolve()), 1, rankMs);
  return lanes.runExclusive(() => underWay(rankMs, work), WIDTH, rankMs);
}

interface UnderWay {
  readonly rankMs: number;
  readonly ended: Promise<void>;
}

/** Only those that have their lane: who waits for one must not keep those waiting who hold it. */
const starts = new Set<UnderWay>();

async function underWay<T>(rankMs: number, work: (mayStart: MayStart) => Promise<T>): Promise<T> {
  let end = (): void => undefined;
  const own: UnderWay = { rankMs, ended: new Promise<void>((resolve) => (end = resolve)) };
  starts.add(own);
  try {
    return await work(async () => {
      const urgent = (): UnderWay | undefined => [...starts].find((other) => other.rankMs - rankMs > SPARE_MS);
      for (let other = urgent(); other; other = urgent()) await other.ended;
    });
  } finally {
    starts.delete(own);
    end();
  }
}

/** As `inLane`, for work that is done ahead of need. */
export function inLaneAhead<T>(rankMs: number, work: () => Promise<T>): Promise<T> {
  return lanes.runExclusive(work, WIDTH, AHEAD + rankMs);
}
