// One event stream for all projects of one engine, opened again when it breaks. The stream is a hint: after a break
// listeners hear `reconnected` and look for themselves.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { COMPOSE_LABELS } from '../../domain/names.ts';
import { sendForStream, type Wire } from './request.ts';
import { streamLines } from './stream-lines.ts';

const ACTIONS = ['die', 'oom', 'start', 'destroy', 'pause', 'unpause', 'health_status'] as const;
const RECONNECT_MS = [50, 100, 250, 500, 1000] as const;

export interface EngineEvent {
  readonly action: (typeof ACTIONS)[number] | 'reconnected';
  /** Empty for `reconnected`. */
  readonly containerId: string;
  readonly project: string;
  readonly service: string;
  /** Of `die`. */
  readonly exitCode?: number;
  /** Of `health_status`: healthy or unhealthy. */
  readonly health?: string;
  /** The engine's clock, milliseconds since 1970. */
  readonly timeMs: number;
}

export interface EventFeed {
  /** Resolves when the stream is open (again). @throws the reason it was closed for */
  readonly open: () => Promise<void>;
  /** Calls `listener` for each event of the project, and for `reconnected`; gives the way to stop. */
  readonly subscribe: (project: string, listener: (event: EngineEvent) => void) => () => void;
  /** Ends the stream; nobody is called afterwards. */
  readonly close: () => Promise<void>;
}

const Message = z.looseObject({
  Action: z.string(),
  Actor: z.looseObject({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
  timeNano: z.number(),
  time: z.number(),
});

/** Opens the feed at once; see `open` to know when it listens. */
export function eventFeed(engine: Wire): EventFeed {
  const listeners = new Map<number, { project: string; listener: (event: EngineEvent) => void }>();
  const closing = new AbortController();
  let next = 0;
  let opened = gate();

  function tell(event: EngineEvent): void {
    for (const { project, listener } of listeners.values()) {
      if (event.action === 'reconnected' || event.project === project) listener(event);
    }
  }

  async function run(): Promise<void> {
    const seen = new Seen();
    for (let failures = 0, first = true; !closing.signal.aborted; failures += 1) {
      try {
        const stream = await sendForStream(engine, requestSince(seen.since, closing.signal));
        opened.resolve();
        if (!first) tell({ action: 'reconnected', containerId: '', project: '', service: '', timeMs: Date.now() });
        first = false;
        failures = 0;
        for await (const line of streamLines(stream)) {
          const event = parse(line);
          if (event !== undefined && seen.isNew(line, event.timeMs)) tell(event);
        }
      } catch {
        // A broken stream and a refused connection are the same here: try again.
      }
      if (closing.signal.aborted) break;
      opened = gate();
      await pause(RECONNECT_MS[Math.min(failures, RECONNECT_MS.length - 1)], undefined, {
        signal: closing.signal,
      }).catch(() => undefined);
    }
    const closed = new Error('the event feed is closed');
    opened.reject(closed);
    opened = gate();
    opened.reject(closed);
  }

  const ended = run();
  return {
    open: () => opened.promise,
    subscribe: (project, listener) => {
      const key = (next += 1);
      listeners.set(key, { project, listener });
      return () => void listeners.delete(key);
    },
    close: async () => {
      listeners.clear();
      closing.abort();
      await ended;
    },
  };
}

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** A promise settled from outside; nobody has to wait for it. */
function gate(): Gate {
  let settle: Omit<Gate, 'promise'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, resolve: () => settle?.resolve(), reject: (reason) => settle?.reject(reason) };
}

/** `since` is inclusive: the events of the last moment come twice, once too often. */
class Seen {
  since: number | undefined;
  #lines = new Set<string>();

  isNew(line: string, timeMs: number): boolean {
    if (this.#lines.has(line)) return false;
    const seconds = Math.floor(timeMs / 1000);
    if (seconds !== this.since) this.#lines.clear();
    this.since = seconds;
    this.#lines.add(line);
    return true;
  }
}

function requestSince(since: number | undefined, signal: AbortSignal): Parameters<typeof sendForStream>[1] {
  const filters = JSON.stringify({ type: ['container'], event: ACTIONS, label: [COMPOSE_LABELS.project] });
  return { method: 'GET', path: '/events', query: { filters, since }, signal };
}

function parse(line: string): EngineEvent | undefined {
  let message: z.infer<typeof Message>;
  try {
    message = Message.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
  const [word = '', detail] = message.Action.split(': ', 2);
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined) return undefined;
  const { ID, Attributes } = message.Actor;
  const exitCode = Number(Attributes['exitCode']);
  return {
    action,
    containerId: ID,
    project: Attributes[COMPOSE_LABELS.project] ?? '',
    service: Attributes[COMPOSE_LABELS.service] ?? '',
    ...(action === 'die' && Number.isInteger(exitCode) ? { exitCode } : {}),
    ...(action === 'health_status' && detail !== undefined ? { health: detail } : {}),
    timeMs: Math.floor(message.timeNano / 1e6),
  };
}
