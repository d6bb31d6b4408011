// An operation in lines, as a pipe gets them: everything once, with the time at which it happened.
import type { Progress, ProgressEvent, WaitHeartbeat } from '../../domain/messages.ts';
import { duration } from './durations.ts';

/** A line at least so often for everything that is waited for. */
export const STILL_EVERY_MS = 5_000;

export const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

/** Said of a service once, by an event or by its worker, who knows it before the workflow does. */
const ONCE = ['healthy', 'removed'] as const;
type Once = (typeof ONCE)[number];
const isOnce = (kind: string): kind is Once => ONCE.some((one) => one === kind);

export class ProgressLines {
  readonly #saidAtMs = new Map<string, number>();
  readonly #told = new Set<string>();

  /** What is new since the last call, oldest first. `waits`: what activities say at this moment. */
  next(progress: Progress, waits: readonly WaitHeartbeat[], nowMs: number): string[] {
    const width = Math.max(8, ...progress.services.map((s) => s.service.length), progress.instance.length);
    const line = (atMs: number, who: string, text: string): string => `${clock(atMs)} ${who.padEnd(width)}  ${text}`;
    const events = this.#events(progress).map((e) => ({
      atMs: e.atMs,
      who: e.service ?? progress.instance,
      text: eventText(e),
    }));
    const heard = this.#heard(progress).map((s) => ({
      atMs: s.sinceMs,
      who: s.service,
      text: onceText(s.phase, s.ms, s.evidence ?? ''),
    }));
    return [
      ...[...events, ...heard].toSorted((a, b) => a.atMs - b.atMs).map((e) => line(e.atMs, e.who, e.text)),
      ...this.#images(waits, nowMs).map((w) => line(nowMs, w.service, `${w.phase} its image${answer(w)}`)),
      ...this.#still(progress, waits, nowMs).map(({ service, text }) => line(nowMs, service, text)),
    ];
  }

  #events(progress: Progress): ProgressEvent[] {
    return progress.events.filter((e) => {
      if (e.kind === 'state' || e.kind === 'opened') return false;
      return e.service === undefined || !isOnce(e.kind) || this.#isNew(e.kind, e.service);
    });
  }

  /** Who is through since the last look. */
  #heard(progress: Progress) {
    return progress.services.flatMap(({ phase, ...s }) =>
      isOnce(phase) && this.#isNew(phase, s.service) ? [{ ...s, phase }] : [],
    );
  }

  #isNew(kind: Once, service: string): boolean {
    const key = `${kind} ${service}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    return true;
  }

  #images(waits: readonly WaitHeartbeat[], nowMs: number): WaitHeartbeat[] {
    const images = waits.filter((w) => w.phase === 'pulling' || w.phase === 'building');
    return images.filter((w) => this.#isDue(`image ${w.service}`, 0, nowMs));
  }

  #still(progress: Progress, waits: readonly WaitHeartbeat[], nowMs: number): { service: string; text: string }[] {
    // After a failure nothing starts any more.
    const services = progress.failure === undefined ? progress.services : [];
    const starting = services
      .filter((s) => s.phase === 'starting' || s.phase === 'probing')
      .map((s) => {
        const usual = s.usualMs === undefined ? '' : `; usually ${duration(s.usualMs)}`;
        const what = s.phase === 'starting' ? 'starting' : 'not healthy';
        return { ...s, what, more: `${answer(waits.find((w) => w.service === s.service))}${usual}` };
      });
    const onTheWayBack = waits
      .filter((w) => w.phase === 'stopping' || w.phase === 'returning')
      .map((w) => ({
        ...w,
        what: w.phase === 'stopping' ? 'stopping' : 'not as before',
        sinceMs: w.sinceMs ?? nowMs,
        more: answer(w),
      }));
    return [...starting, ...onTheWayBack]
      .filter((s) => this.#isDue(`${s.what} ${s.service}`, s.sinceMs, nowMs))
      .map(({ service, what, sinceMs, more }) => ({
        service,
        text: `still ${what} after ${duration(nowMs - sinceMs)}${more}`,
      }));
  }

  #isDue(key: string, sinceMs: number, nowMs: number): boolean {
    if (nowMs - (this.#saidAtMs.get(key) ?? sinceMs) < STILL_EVERY_MS) return false;
    this.#saidAtMs.set(key, nowMs);
    return true;
  }
}

/** Words of one event, after its subject. */
function eventText(event: ProgressEvent): string {
  switch (event.kind) {
    case 'healthy':
      return onceText(event.kind, event.ms, event.text);
    case 'removed':
      return event.service === undefined ? `removed ${event.text}` : onceText(event.kind, event.ms, event.text);
    case 'state':
      return event.text.toLowerCase();
    case 'degraded':
      return `failed, goes on without it: ${event.text}`;
    case 'paused':
    case 'resumed':
      return `${event.kind} ${event.text}`.trim();
    case 'failed':
      return `failed: ${event.text}`;
    case 'starting':
    case 'opened':
    case 'plan':
    case 'note':
    case 'image':
    case 'started':
    case 'kept':
    case 'skipped':
    case 'reverting':
    case 'reverted':
      return event.text;
  }
}

/** `healthy after 2.1 s: answers 200`, `removed after 0.3 s`. */
function onceText(what: Once, ms: number | undefined, more: string): string {
  return `${what}${ms === undefined ? '' : ` after ${duration(ms)}`}${more === '' ? '' : `: ${more}`}`;
}

function answer(wait: WaitHeartbeat | undefined): string {
  if (wait?.answer === undefined) return '';
  return `: ${wait.answer}${wait.tries === undefined ? '' : ` (try ${wait.tries})`}`;
}
