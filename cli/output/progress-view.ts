// What the person sees while an operation runs: a tree that is redrawn on a terminal, lines in a pipe, JSON lines.
import type { Progress, WaitHeartbeat } from '../../domain/messages.ts';
import { fit } from './durations.ts';
import type { Output } from './output.ts';
import { ProgressLines, STILL_EVERY_MS, clock } from './progress-lines.ts';
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
  /** What is done about that. */
  note(line: string): void;
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
  note: () => undefined,
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
    note: (line) => output.json({ type: 'note', version: 1, text: line }),
    end: () => undefined,
  };
}

function lineView(output: Output): ProgressView {
  const lines = new ProgressLines();
  let saidAtMs = 0;
  return {
    pace: WRITTEN,
    update: (progress, waits, nowMs) => {
      for (const line of lines.next(progress, waits, nowMs)) output.note(line);
    },
    silent: (reason) => {
      if (Date.now() - saidAtMs < STILL_EVERY_MS) return;
      saidAtMs = Date.now();
      output.note(`${clock(saidAtMs)} ${reason}`);
    },
    note: (line) => output.note(`${clock(Date.now())} ${line}`),
    end: () => undefined,
  };
}

function treeView(output: Output, draw: { (...text: string[]): void; done(): void }): ProgressView {
  let begunMs: number | undefined;
  const busy = (text: string): void => draw(`  ${output.symbol('busy')} ${fit(text, output.columns - 5)}`);
  return {
    pace: DRAWN,
    update: (progress, waits, nowMs) => {
      begunMs ??= progress.events[0]?.atMs ?? nowMs;
      draw(treeText(output, progress, waits, nowMs, begunMs));
    },
    silent: busy,
    note: busy,
    end: () => draw.done(),
  };
}
