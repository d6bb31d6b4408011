import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { WaitHeartbeat } from '../domain/messages.ts';

/** Three times within the heartbeat timeout of 3 s. */
const EVERY_MS = 900;

export interface Beat {
  /** Aborted when the workflow no longer wants the activity, or the worker shuts down. */
  readonly signal: AbortSignal;
  /** What the next heartbeats say. */
  say(details: WaitHeartbeat): void;
}

/** Runs `work` with heartbeats from its first moment to its end. */
export async function withHeartbeat<T>(work: (beat: Beat) => Promise<T>): Promise<T> {
  let details: WaitHeartbeat | undefined;
  const beatOnce = (): void => heartbeat(details);
  beatOnce();
  const timer = setInterval(beatOnce, EVERY_MS);
  try {
    return await work({
      signal: cancellationSignal(),
      say: (next) => {
        details = next;
      },
    });
  } finally {
    clearInterval(timer);
  }
}
