// The picture of an operation on a terminal, redrawn while it goes on. Pure: no line is wider than the terminal.
import type { Progress, ServicePhase, ServiceProgress, WaitHeartbeat } from '../../domain/messages.ts';
import { shortList } from '../../domain/short-list.ts';
import { about, duration, fit } from './durations.ts';
import type { Output } from './output.ts';

/** How wide and high it may be, and in which symbols. */
export type Canvas = Pick<Output, 'columns' | 'rows' | 'symbol' | 'green' | 'red' | 'dim' | 'plain'>;

/** Head, foot and the empty lines around the services. */
const FRAME_ROWS = 5;
/** Room for `starting 12.4 s`, so that what follows stands in one column. */
const TIME_WIDTH = 18;

/** `begunMs`: when the operation began, milliseconds since 1970. */
export function treeText(
  canvas: Canvas,
  progress: Progress,
  waits: readonly WaitHeartbeat[],
  nowMs: number,
  begunMs: number,
): string {
  const room = Math.max(FRAME_ROWS, canvas.rows - FRAME_ROWS);
  const services = worthShowing(progress.services, room);
  const hidden = progress.services.filter((s) => !services.includes(s));
  const width = nameWidth(canvas, progress.services);
  const rows = services.map((service) => {
    const wait = waits.find((w) => w.service === service.service);
    const [mark, state, detail] = endedRow(canvas, progress, service) ?? rowOf(canvas, service, wait, nowMs);
    const columns = canvas.columns - width - 6;
    const head = detail === '' ? state : state.padEnd(TIME_WIDTH);
    const text =
      head.length >= columns
        ? fit(state, columns)
        : `${head}${detail === '' ? '' : fit(detail, columns - head.length)}`;
    return `  ${mark} ${fit(service.service, width).padEnd(width)}  ${canvas.plain(text).trimEnd()}`;
  });
  const images = waits
    .filter((w) => w.phase === 'pulling' || w.phase === 'building')
    .map((w) => ({ symbol: canvas.symbol('busy'), text: `${w.phase} the image of ${w.service}: ${w.answer ?? ''}` }))
    .map(({ symbol, text }) => `  ${symbol} ${fit(text, canvas.columns - 5)}`);
  const rest = hidden.length === 0 ? [] : [fit(restText(hidden), canvas.columns - 3, '  ')];
  return [
    headline(canvas, progress),
    '',
    ...rows,
    ...rest,
    ...images,
    '',
    fit(footText(canvas, progress, waits, nowMs - begunMs), canvas.columns - 3, '  '),
  ].join('\n');
}

/** Where there is room for some only: who needs a look first, then who is under way, who comes next, who is through. */
const ATTENTION: readonly (readonly ServicePhase[])[] = [
  ['failed', 'degraded'],
  ['starting', 'probing', 'stopping', 'returning'],
  ['waiting'],
];

/** As many as there is room for beside a line that counts the others, in their order. */
function worthShowing(services: readonly ServiceProgress[], room: number): readonly ServiceProgress[] {
  if (services.length <= room) return services;
  const urgency = (s: ServiceProgress): number => {
    const found = ATTENTION.findIndex((phases) => phases.includes(s.phase));
    return found === -1 ? ATTENTION.length : found;
  };
  const first = services.toSorted((a, b) => urgency(a) - urgency(b)).slice(0, room - 1);
  return services.filter((s) => first.includes(s));
}

/** As the rows say it. */
const WORDS: Partial<Record<ServicePhase, string>> = {
  probing: 'starting',
  kept: 'as it is',
  done: 'as it is',
  restored: 'as before',
};

/** `... and 42 more: 25 healthy, 17 waiting` */
function restText(hidden: readonly ServiceProgress[]): string {
  const words = hidden.map((s) => WORDS[s.phase] ?? s.phase);
  const counts = [...new Set(words)].map((word) => `${words.filter((w) => w === word).length} ${word}`);
  return `... and ${hidden.length} more: ${counts.join(', ')}`;
}

/** Long names leave half of the line to what is said of them. */
function nameWidth(canvas: Canvas, services: readonly ServiceProgress[]): number {
  const longest = Math.max(8, ...services.map((s) => s.service.length));
  return Math.min(longest, Math.max(8, Math.floor(canvas.columns / 2) - 4));
}

function headline(canvas: Canvas, progress: Progress): string {
  const dot = canvas.symbol('idle');
  const head = `${progress.instance}  operation ${progress.operation}`;
  const whole = `${head} ${dot} Ctrl-C detaches, it goes on`;
  return whole.length < canvas.columns ? whole : fit(head, canvas.columns - 1);
}

function footText(canvas: Canvas, progress: Progress, waits: readonly WaitHeartbeat[], elapsedMs: number): string {
  const elapsed = duration(Math.max(0, elapsedMs));
  const dot = ` ${canvas.symbol('idle')} `;
  if (progress.state === 'ROLLING_BACK') {
    const now = [
      { does: 'stops', phase: 'stopping' },
      { does: 'starts', phase: 'returning' },
    ].flatMap(({ does, phase }) => {
      const who = waits.filter((w) => w.phase === phase).map((w) => w.service);
      return who.length === 0 ? [] : [`${does} ${shortList(who)}`];
    });
    return `${elapsed}${dot}taking back what it did${now.length === 0 ? '' : `: ${now.join(', ')}`}`;
  }
  if (progress.failure !== undefined) return elapsed;
  const timed = elapsed + ofExpected(progress.expectedMs ?? progress.criticalPathMs, elapsedMs);
  return progress.paused ? `${timed}${dot}paused: dive resume ${progress.instance}` : timed;
}

/** Nothing where nobody knows. Past what was expected it is no longer a part of that. */
function ofExpected(expectedMs: number, elapsedMs: number): string {
  if (expectedMs <= 0) return '';
  return elapsedMs <= expectedMs ? ` of ${about(expectedMs)}` : `, expected: ${about(expectedMs)}`;
}

/** Mark, state and what is known of it. */
type Row = [mark: string, state: string, detail: string];

/** After a failure, or a cancellation, nothing starts any more. */
function endedRow(canvas: Canvas, progress: Progress, { phase }: ServiceProgress): Row | undefined {
  if (progress.failure === undefined && progress.state !== 'ROLLING_BACK') return undefined;
  const mark = canvas.dim(canvas.symbol('idle'));
  if (phase === 'waiting') return [mark, 'not started', ''];
  return phase === 'starting' || phase === 'probing' ? [mark, 'was starting', ''] : undefined;
}

function rowOf(canvas: Canvas, s: ServiceProgress, wait: WaitHeartbeat | undefined, nowMs: number): Row {
  const evidence = s.evidence ?? '';
  switch (s.phase) {
    case 'healthy':
      return [canvas.green(canvas.symbol('ok')), `healthy  ${duration(s.ms ?? 0)}`, evidence];
    case 'kept':
    case 'done':
      return [canvas.green(canvas.symbol('ok')), 'as it is', evidence];
    case 'starting':
    case 'probing': {
      const answer = wait?.answer === undefined ? [] : [`${wait.answer}${wait.tries ? ` (try ${wait.tries})` : ''}`];
      const usual = s.usualMs === undefined ? [] : [`usually ${duration(s.usualMs)}`];
      return [
        canvas.symbol('busy'),
        `starting ${duration(Math.max(0, nowMs - s.sinceMs))}`,
        [...answer, ...usual].join(', '),
      ];
    }
    case 'stopping':
      return [canvas.symbol('busy'), `stopping ${duration(Math.max(0, nowMs - s.sinceMs))}`, evidence];
    case 'returning':
      return [canvas.symbol('busy'), `returning ${duration(Math.max(0, nowMs - s.sinceMs))}`, evidence];
    case 'removed':
      return [
        canvas.green(canvas.symbol('ok')),
        s.ms === undefined ? 'removed' : `removed  ${duration(s.ms)}`,
        evidence,
      ];
    case 'restored':
      return [canvas.green(canvas.symbol('ok')), 'as before', evidence];
    case 'failed':
      return [canvas.red(canvas.symbol('bad')), 'failed', evidence];
    case 'degraded':
      return [canvas.red(canvas.symbol('degraded')), 'degraded', evidence];
    case 'waiting':
    case 'skipped': {
      const text = s.waitsFor.length === 0 ? 'waits for its turn' : `waits for ${s.waitsFor.join(', ')}`;
      return [canvas.dim(canvas.symbol('idle')), text, ''];
    }
  }
}
