// Asking inside the container: starting a command there costs some 80 ms of processor time, asking again from a shell
// that is already there next to none, and the good answer comes the moment there is one.
import type { Exec } from './probe.ts';
import type { ExecAnswer } from '../../schema/probe.ts';

/** Longest time without an answer, milliseconds: what a wait shows is never older. */
const WINDOW_MS = 2000;
/** A check that takes longer than this is asked one by one: its own time is the cost. */
const QUICK_MS = 500;
const SHORTEST_REST_MS = 50;
/** Of the time a check takes, this many times as much is left to others. */
const REST_TIMES = 4;
const FIRST_TRIES = 4;
const MOST_TRIES = 40;

export interface Repeat {
  readonly tries: number;
  readonly restMs: number;
}

/** Ends with the first good answer, else with the last bad one. Names start with `_dive` to leave the check's own alone. */
const LOOP = `_dive_left=$1; _dive_rest=$2; shift 2
while :; do
  _dive_said=$("$@" 2>&1) && { printf %s "$_dive_said"; exit 0; }
  _dive_code=$?
  _dive_left=$((_dive_left - 1))
  [ "$_dive_left" -gt 0 ] || { printf %s "$_dive_said"; exit "$_dive_code"; }
  sleep "$_dive_rest" 2>/dev/null || sleep 1
done`;

/** `argv`, tried again inside the container until it succeeds or the tries are used up. */
export function repeatArgv(argv: readonly string[], { tries, restMs }: Repeat): string[] {
  return ['/bin/sh', '-c', LOOP, 'dive-check', String(tries), (restMs / 1000).toFixed(3), ...argv];
}

/** What to ask after a round of `repeat` that took `tookMs` in all; undefined: too slow to be repeated. */
export function nextRepeat(repeat: Repeat, tookMs: number, leftMs: number): Repeat | undefined {
  const eachMs = Math.max(1, tookMs / repeat.tries - repeat.restMs);
  if (eachMs > QUICK_MS) return undefined;
  const restMs = Math.max(SHORTEST_REST_MS, Math.round(REST_TIMES * eachMs));
  const tries = Math.floor(Math.min(WINDOW_MS, leftMs) / (eachMs + restMs));
  return { tries: Math.min(MOST_TRIES, Math.max(1, tries)), restMs };
}

/**
 * Wraps `exec` for one wait on one container: the first time a command is asked alone; when it failed quickly, the next
 * calls ask it repeatedly from inside, for two seconds at most and not beyond `deadlineMs` (since 1970). Where the
 * container has no shell, and where a command is slow or hangs, it stays with single questions.
 */
export class RepeatedExec {
  readonly #exec: Exec;
  readonly #deadlineMs: number;
  readonly #known = new Map<string, Repeat | 'single'>();
  #waitedInside = false;

  constructor(exec: Exec, deadlineMs: number) {
    this.#exec = exec;
    this.#deadlineMs = deadlineMs;
  }

  /** The last question has waited inside the container: there is no need to wait before the next. */
  get waitedInside(): boolean {
    return this.#waitedInside;
  }

  readonly exec: Exec = async (argv, options) => {
    const name = argv.join('\0');
    const repeat = this.#known.get(name);
    this.#waitedInside = repeat !== undefined && repeat !== 'single' && repeat.tries > 1;
    const begun = performance.now();
    if (repeat === undefined || repeat === 'single' || repeat.tries <= 1) {
      const answer = await this.#exec(argv, options);
      if (repeat === undefined) this.#known.set(name, this.#afterSingle(answer, performance.now() - begun));
      return answer;
    }
    const timeoutMs = repeat.tries * repeat.restMs + WINDOW_MS + options.timeoutMs;
    const answer = await this.#exec(repeatArgv(argv, repeat), { ...options, timeoutMs, mostlyWaits: true });
    if (answer.kind !== 'exited') {
      this.#known.set(name, 'single');
      return answer;
    }
    if (answer.exitCode === 126 || answer.exitCode === 127) {
      this.#known.set(name, 'single');
      return this.#exec(argv, options);
    }
    const left = this.#deadlineMs - Date.now();
    this.#known.set(name, nextRepeat(repeat, performance.now() - begun, left) ?? 'single');
    return answer;
  };

  #afterSingle(answer: ExecAnswer, tookMs: number): Repeat | 'single' {
    if (answer.kind !== 'exited' || tookMs > QUICK_MS) return 'single';
    if (answer.exitCode === 126 || answer.exitCode === 127) return 'single';
    return { tries: FIRST_TRIES, restMs: SHORTEST_REST_MS };
  }
}
