import { Context, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { WaitHeartbeat } from '../domain/messages.ts';

/** Of the heartbeat timeout: three within it, and a little to spare. */
const INTERVAL_SHARE = 0.3;
/** Where no timeout is set: a cancellation is heard with the next heartbeat. */
const DEFAULT_TIMEOUT_MS = 3_000;

export interface Beat {
  /** Aborted when the workflow no longer wants the activity, or the worker shuts down. */
  readonly signal: AbortSignal;
  /** What the next heartbeats say of this service; of the others what was said before. */
  readonly say: (details: WaitHeartbeat) => void;
}

/** The beat of each activity under way. */
const beats = new WeakMap<Context, Beat>();

export interface BeatOptions {
  /** What is said is sent soon, not with the next heartbeat only. The SDK sends three a second at most. @default false */
  readonly soon?: boolean;
}

/** Runs `work` with heartbeats until its end; within other work of the same activity it shares the heartbeat of that. */
export async function withHeartbeat<T>(
  work: (beat: Beat) => Promise<T>,
  { soon = false }: BeatOptions = {},
): Promise<T> {
  const context = Context.current();
  const outer = beats.get(context);
  if (outer) return work(outer);
  const said = new Map<string, WaitHeartbeat>();
  // None at the very beginning: most work ends before the first is due, and each is a write of the server's.
  const timeoutMs = context.info.heartbeatTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  let isDue = false;
  const send = (): void => {
    isDue = false;
    heartbeat(said.size === 0 ? undefined : [...said.values()]);
  };
  const timer = setInterval(send, timeoutMs * INTERVAL_SHARE);
  const beat: Beat = {
    signal: cancellationSignal(),
    say: (next) => {
      const before = said.get(next.service);
      const sinceMs = (before?.phase === next.phase ? before.sinceMs : undefined) ?? Date.now();
      said.set(next.service, { sinceMs, ...next });
      if (!soon || isDue) return;
      isDue = true;
      // Once for all that is said at one moment.
      setImmediate(() => beats.has(context) && send());
    },
  };
  beats.set(context, beat);
  try {
    return await work(beat);
  } finally {
    clearInterval(timer);
    beats.delete(context);
  }
}
