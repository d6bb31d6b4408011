// The end of an operation. Temporal may fall silent before: the operation goes on without whoever waits for its end.
import { setTimeout as pause } from 'node:timers/promises';
import type { Ending, Operation } from '../client/operations.ts';
import { CommandFailure } from './exit.ts';

/** Then somebody has to look after it. */
const LONGEST_SILENCE_MS = 120_000;
const AGAIN_MS = 500;

/** gRPC's codes of a server that is away, or not there yet: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE. */
const AWAY: ReadonlySet<unknown> = new Set([1, 2, 4, 8, 13, 14]);

/**
 * Asks until there is an answer. `heardAtMs` tells when anything was heard the last time, milliseconds since 1970.
 * @throws CommandFailure DIVE-1603 after two minutes of silence, or what else the asking throws
 */
export async function awaitEnd<R>(
  operation: Operation<R>,
  heardAtMs: () => number,
  stop: AbortSignal,
): Promise<Ending<R>> {
  for (;;) {
    try {
      return await operation.result();
    } catch (error) {
      if (silenceOf(error) === undefined) throw error;
      if (Date.now() - heardAtMs() > LONGEST_SILENCE_MS)
        throw lostSight(operation.instance, 'Temporal has not answered for two minutes');
      await pause(AGAIN_MS, undefined, { signal: stop });
    }
  }
}

/** What gRPC says where Temporal is away; undefined of every other error. */
export function silenceOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ServiceError') return undefined;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && AWAY.has(cause.code) ? cause.message : undefined;
}

/** Nothing is wrong with the operation itself. */
export function lostSight(instance: string, what: string): CommandFailure {
  return new CommandFailure(
    { code: 'DIVE-1603', what: `${what}, while an operation is under way` },
    {
      instance,
      now: ['the operation goes on when the server is back'],
      next: [`dive watch ${instance}   looks on, and starts the server where it is not there`],
    },
  );
}
