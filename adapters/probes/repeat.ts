// Asking inside the container: starting a command there costs some 80 ms of processor time, asking again from a shell
// that is already there next to none, and the good answer comes the moment there is one.
import type { Exec } from './probe.ts';
import { type Rest, restInside } from './schedule.ts';

/** Longest time without an answer, milliseconds: what a wait shows is never much older. */
const WINDOW_MS = 2000;
/** What the container says when it has no shell, no clock or no `sleep` for this. */
const CANNOT = new Set([126, 127]);

/**
 * Ends with the first good answer, else, when the time is up, with the last bad one. Between two tries it rests so
 * many times as long as a try took as it is told, and as long as it is told at least. The clock is the kernel's, in
 * hundredths; variables start with `_dive` to leave the check's own alone.
 */
const LOOP = `_dive_clock() {
  read -r _dive_up _dive_idle </proc/uptime || exit 126
  _dive_now=\${_dive_up%.*}\${_dive_up#*.}
}
_dive_clock; _dive_end=$((_dive_now + $1)); _dive_least=$2; _dive_times=$3; shift 3
while :; do
  _dive_clock; _dive_from=$_dive_now
  _dive_said=$("$@" 2>&1) && { printf %s "$_dive_said"; exit 0; }
  _dive_code=$?
  _dive_clock; _dive_rest=$(((_dive_now - _dive_from) * _dive_times))
  [ "$_dive_rest" -ge "$_dive_least" ] || _dive_rest=$_dive_least
  [ $((_dive_now + _dive_rest)) -lt "$_dive_end" ] || { printf %s "$_dive_said"; exit "$_dive_code"; }
  _dive_part=0$((_dive_rest % 100))
  sleep "$((_dive_rest / 100)).\${_dive_part#\${_dive_part%??}}" 2>/dev/null || sleep 1 || exit 127
done`;

/** `argv`, tried again inside the container until it succeeds or `forMs` are over; a try under way is let finish. */
export function repeatArgv(argv: readonly string[], forMs: number, rest: Rest): string[] {
  const hundredths = (ms: number): string => String(Math.max(1, Math.round(ms / 10)));
  return [
    '/bin/sh',
    '-c',
    LOOP,
    'dive-check',
    hundredths(forMs),
    hundredths(rest.leastMs),
    String(rest.times),
    ...argv,
  ];
}

/**
 * Wraps `exec` for one wait on one container: a command is asked repeatedly from inside, for two seconds at a time and
 * not beyond `deadlineMs` (since 1970). Where the container cannot do that, and where a command hangs, it is asked once
 * at a time.
 */
export class RepeatedExec {
  readonly #exec: Exec;
  readonly #sinceMs: number;
  readonly #deadlineMs: number;
  readonly #expectedMs: number | undefined;
  readonly #singles = new Set<string>();
  #waitedInside = false;

  /** `sinceMs`: when the waiting began, milliseconds since 1970; `expectedMs`: how long it usually takes. */
  constructor(exec: Exec, sinceMs: number, deadlineMs: number, expectedMs?: number) {
    this.#exec = exec;
    this.#sinceMs = sinceMs;
    this.#deadlineMs = deadlineMs;
    this.#expectedMs = expectedMs;
  }

  /** The last question has waited inside the container: there is no need to wait before the next. */
  get waitedInside(): boolean {
    return this.#waitedInside;
  }

  readonly exec: Exec = async (argv, options) => {
    const name = argv.join('\0');
    this.#waitedInside = false;
    if (this.#singles.has(name)) return this.#exec(argv, options);
    const begunMs = performance.now();
    const forMs = Math.max(0, Math.min(WINDOW_MS, this.#deadlineMs - Date.now()));
    const timeoutMs = forMs + options.timeoutMs;
    const rest = restInside(Date.now() - this.#sinceMs, this.#expectedMs);
    const answer = await this.#exec(repeatArgv(argv, forMs, rest), { ...options, timeoutMs, mostlyWaits: true });
    if (answer.kind === 'exited' && !CANNOT.has(answer.exitCode)) {
      // A check that takes long ends its round early, to leave time to others.
      this.#waitedInside = performance.now() - begunMs >= forMs / 2;
      return answer;
    }
    this.#singles.add(name);
    return answer.kind === 'exited' ? this.#exec(argv, options) : answer;
  };
}
