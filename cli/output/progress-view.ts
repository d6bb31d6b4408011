// What the person sees while an operation runs: a tree that is redrawn on a terminal, lines in a pipe, JSON lines.
import type { Progress, ProgressEvent, WaitHeartbeat } from '../../domain/messages.ts';
import { duration, fit } from './durations.ts';
import type { Output } from './output.ts';
import { treeText } from './tree.ts';

/** How often somebody looks for a view. */
export interface Pace {
  /** Looking more often shows nobody anything; milliseconds. */
  readonly everyMs: number;
  /** Looking takes the processor from what is looked at: so many times as long as it took, nobody looks. */
  readonly rest: number;
}

export interface ProgressView {
  readonly pace: Pace;
  update(progress: Progress, waits: readonly WaitHeartbeat[], nowMs: number): void;
  /** Nobody answers: said instead of showing something old. */
  silent(reason: string): void;
  /** Leaves what was drawn last on the screen. */
  end(): void;
}

/** A person watches it. */
const DRAWN: Pace = { everyMs: 250, rest: 30 };
/** A file, or a program: each line says when what it tells of happened. */
const WRITTEN: Pace = { everyMs: 1_000, rest: 60 };

export async function progressView(output: Output): Promise<ProgressView> {
  if (output.mode === 'json') return jsonView(output);
  if (output.mode === 'quiet') return quietView;
  if (!output.terminal) return lineView(output);
  const { createLogUpdate } = await import('log-update');
  // 0 rows means that the terminal does not know; log-update would take it for no room at all.
  process.stderr.rows = output.rows;
  process.stderr.columns = output.columns;
  return treeView(output, createLogUpdate(process.stderr));
}

const quietView: ProgressView = {
  pace: WRITTEN,
  update: () => undefined,
  silent: () => undefined,
  end: () => undefined,
};

function jsonView(output: Output): ProgressView {
  let saidAtMs = 0;
  return {
    pace: WRITTEN,
    update: (progress) => {
      for (const event of progress.events)
        output.json({
          type: 'event',
          version: 1,
          instance: progress.instance,
          operation: progress.operation,
          ...event,
        });
    },
    silent: (reason) => {
      if (Date.now() - saidAtMs < STILL_EVERY_MS) return;
      saidAtMs = Date.now();
      output.json({ type: 'silent', version: 1, reason });
    },
    end: () => undefined,
  };
}

const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

/** Words of one event, after its subject. */
function eventText(event: ProgressEvent): string {
  switch (event.kind) {
    case 'healthy':
      return healthyText(event.ms, event.text);
    case 'starting':
      return event.text;
    case 'state':
      return event.text.toLowerCase();
    case 'degraded':
      return `failed, goes on without it: ${event.text}`;
    case 'paused':
    case 'resumed':
      return `${event.kind} ${event.text}`.trim();
    case 'failed':
      return `failed: ${event.text}`;
    case 'opened':
    case 'plan':
    case 'note':
    case 'image':
    case 'started':
    case 'kept':
    case 'skipped':
    case 'removed':
    case 'reverting':
    case 'reverted':
      return event.text;
  }
}

function healthyText(ms: number | undefined, evidence: string): string {
  return `healthy after ${duration(ms ?? 0)}: ${evidence}`;
}

/** A line at least every five seconds for everything that is waited for. */
const STILL_EVERY_MS = 5_000;

function lineView(output: Output): ProgressView {
  const saidAt = new Map<string, number>();
  const saidHealthy = new Set<string>();
  return {
    pace: WRITTEN,
    update: (progress, waits, nowMs) => {
      const width = Math.max(8, ...progress.services.map((s) => s.service.length), progress.instance.length);
      for (const event of progress.events) {
        if (event.kind === 'state' || event.kind === 'opened') continue;
        if (event.kind === 'healthy' && event.service !== undefined) {
          if (saidHealthy.has(event.service)) continue;
          saidHealthy.add(event.service);
        }
        output.note(`${clock(event.atMs)} ${(event.service ?? progress.instance).padEnd(width)}  ${eventText(event)}`);
      }
      // Of a group the worker knows it before the workflow does.
      for (const s of progress.services.filter((one) => one.phase === 'healthy' && !saidHealthy.has(one.service))) {
        saidHealthy.add(s.service);
        output.note(`${clock(s.sinceMs)} ${s.service.padEnd(width)}  ${healthyText(s.ms, s.evidence ?? '')}`);
      }
      for (const wait of waits.filter((w) => w.phase === 'pulling' || w.phase === 'building')) {
        const key = `image ${wait.service}`;
        if (nowMs - (saidAt.get(key) ?? 0) < STILL_EVERY_MS) continue;
        saidAt.set(key, nowMs);
        output.note(`${clock(nowMs)} ${wait.service.padEnd(width)}  ${wait.phase} its image${answer(wait)}`);
      }
      const waiting = progress.failure === undefined ? progress.services : [];
      for (const service of waiting.filter((s) => s.phase === 'starting' || s.phase === 'probing')) {
        const last = saidAt.get(service.service) ?? service.sinceMs;
        if (nowMs - last < STILL_EVERY_MS) continue;
        saidAt.set(service.service, nowMs);
        const usual = service.usualMs === undefined ? '' : `; usually ${duration(service.usualMs)}`;
        const wait = waits.find((w) => w.service === service.service);
        output.note(
          `${clock(nowMs)} ${service.service.padEnd(width)}  still ${service.phase === 'starting' ? 'starting' : 'not healthy'} after ${duration(nowMs - service.sinceMs)}${answer(wait)}${usual}`,
        );
      }
    },
    silent: (reason) => {
      const last = saidAt.get('') ?? 0;
      if (Date.now() - last < STILL_EVERY_MS) return;
      saidAt.set('', Date.now());
      output.note(`${clock(Date.now())} ${reason}`);
    },
    end: () => undefined,
  };
}

function answer(wait: WaitHeartbeat | undefined): string {
  if (wait?.answer === undefined) return '';
  return `: ${wait.answer}${wait.tries === undefined ? '' : ` (try ${wait.tries})`}`;
}

function treeView(output: Output, draw: { (...text: string[]): void; done(): void }): ProgressView {
  let begunMs: number | undefined;
  return {
    pace: DRAWN,
    update: (progress, waits, nowMs) => {
      begunMs ??= progress.events[0]?.atMs ?? nowMs;
      draw(treeText(output, progress, waits, nowMs, begunMs));
    },
    silent: (reason) => draw(`  ${output.symbol('busy')} ${fit(reason, output.columns - 5)}`),
    end: () => draw.done(),
  };
}
