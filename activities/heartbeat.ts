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

/** Runs `work` with heartbeats until its end. */
export async function withHeartbeat<T>(work: (beat: Beat) => Promise<T>): Promise<T> {
  let details: WaitHeartbeat | undefined;
  // None at the very beginning: most work ends before the first is due, and each is a write of the server's.
  const timer = setInterval(() => heartbeat(details), EVERY_MS);
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
