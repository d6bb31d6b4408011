// Asking inside the container: starting a command there costs some 80 ms of processor time, asking again from a shell
// that is already there next to none, and it can be told when to ask.
import type { ExecAnswer } from '../../schema/probe.ts';
import { type Rest, restBetween } from './schedule.ts';

/** Longest time without an answer, milliseconds: what a wait shows is never much older. */
const WINDOW_MS = 2000;
/** What the container says when it has no shell for this. */
const CANNOT = new Set([126, 127]);
/** Checks of one container that are kept ready to be asked again. */
const KEPT = 3;
const MAX_OUTPUT = 4096;

/** Each line asks once. The answer ends with a record separator and the exit code; the end of the input ends it all. */
const ASKER = `while read -r _dive_go; do
  _dive_said=$("$@" 2>&1 </dev/null)
  printf '%s\\036%s\\n' "$_dive_said" "$?"
done`;
const SEPARATOR = '\u001E';

/** `argv`, run inside a container once for each line that it is told. */
export function askerArgv(argv: readonly string[]): string[] {
  return ['/bin/sh', '-c', ASKER, 'dive-check', ...argv];
}

/** A command inside that is spoken to. */
export interface Session {
  /** The next piece of its output; undefined when nothing more will come. */
  read(): Promise<string | undefined>;
  write(text: string): void;
  close(): void;
}

export interface AskOptions {
  /** Of one try. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a container offers to who asks inside it. */
export interface Inside {
  once(argv: readonly string[], options: AskOptions): Promise<ExecAnswer>;
  /** Undefined where that cannot be. */
  open(argv: readonly string[], options: AskOptions): Promise<Session | undefined>;
  /** `sinceMs`: when the last question was put, by `performance.now()`. */
  rest(rest: { readonly sinceMs: number } & Rest, signal: AbortSignal): Promise<void>;
}

export interface RepeatedAsking {
  /** When the waiting began, milliseconds since 1970. */
  readonly sinceMs: number;
  /** When it ends, likewise: the last question is put then. */
  readonly deadlineMs: number;
  /** How long it usually takes. */
  readonly expectedMs?: number | undefined;
}

/**
 * For one wait on one container: a command is asked from inside until it succeeds, for two seconds at a time. Where the
 * container cannot do that, and where a command hangs, it is asked once at a time.
 */
export class RepeatedExec implements Disposable {
  readonly #inside: Inside;
  readonly #asking: RepeatedAsking;
  readonly #singles = new Set<string>();
  readonly #answered = new Set<string>();
  /** Those that wait to be asked, longest first. */
  readonly #idle = new Map<string, Session>();
  readonly #open = new Set<Session>();
  #isOver = false;
  #waitedInside = false;

  constructor(inside: Inside, asking: RepeatedAsking) {
    this.#inside = inside;
    this.#asking = asking;
  }

  /** The last question has waited inside the container: there is no need to wait before the next. */
  get waitedInside(): boolean {
    return this.#waitedInside;
  }

  /** The first good answer, or the last bad one. @throws what the container's engine says, or the signal's reason */
  async exec(argv: readonly string[], options: AskOptions): Promise<ExecAnswer> {
    const name = argv.join('\0');
    this.#waitedInside = false;
    if (this.#singles.has(name)) return this.#inside.once(argv, options);
    const { sinceMs, deadlineMs, expectedMs } = this.#asking;
    const untilMs = Math.min(Date.now() + WINDOW_MS, deadlineMs);
    for (;;) {
      const askedMs = performance.now();
      const answer = await this.#ask(name, argv, options);
      if (answer?.kind === 'exited' && answer.exitCode === 0) return answer;
      if (answer?.kind !== 'exited' || CANNOT.has(answer.exitCode)) {
        // One that answered before has ended with its container, and can be begun again.
        if (answer !== undefined || !this.#answered.has(name)) this.#singles.add(name);
        return answer?.kind === 'timed-out' ? answer : this.#inside.once(argv, options);
      }
      this.#answered.add(name);
      this.#waitedInside = true;
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) return answer;
      const rest = restBetween({ tookMs: performance.now() - askedMs, elapsedMs: Date.now() - sinceMs, expectedMs });
      await this.#inside.rest(
        { sinceMs: askedMs, leastMs: rest.leastMs, ms: Math.min(rest.ms, leftMs) },
        options.signal,
      );
      if (Date.now() >= untilMs) return answer;
    }
  }

  async #ask(name: string, argv: readonly string[], options: AskOptions): Promise<ExecAnswer | undefined> {
    const session = this.#idle.get(name) ?? (await this.#inside.open(askerArgv(argv), options));
    if (session === undefined) return undefined;
    this.#idle.delete(name);
    this.#open.add(session);
    session.write('\n');
    let answer: ExecAnswer | undefined;
    try {
      answer = await answerOf(session, options);
    } finally {
      // Told to stop, hanging, or ended: whoever asks next begins another.
      if (answer?.kind === 'exited' && !this.#isOver && !this.#idle.has(name)) this.#keep(name, session);
      else this.#close(session);
    }
    return this.#isOver ? { kind: 'timed-out', output: '' } : answer;
  }

  #keep(name: string, session: Session): void {
    this.#idle.set(name, session);
    for (const [oldest, unused] of [...this.#idle].slice(0, -KEPT)) {
      this.#idle.delete(oldest);
      this.#close(unused);
    }
  }

  #close(session: Session): void {
    this.#open.delete(session);
    session.close();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const session of this.#open) this.#close(session);
  }
}

/** Undefined when the session ended without one. @throws the signal's reason */
async function answerOf(session: Session, { timeoutMs, signal }: AskOptions): Promise<ExecAnswer | undefined> {
  let isLate = false;
  let said = '';
  const end = (): void => session.close();
  const late = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  signal.addEventListener('abort', end);
  try {
    for (let piece = await session.read(); piece !== undefined; piece = await session.read()) {
      said += piece;
      const answer = answerIn(said);
      if (answer !== undefined) return answer;
      // What ends it is short; of noise the beginning is enough.
      if (said.length > 2 * MAX_OUTPUT) said = said.slice(0, MAX_OUTPUT + 1) + said.slice(-16);
    }
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  }
  signal.throwIfAborted();
  return isLate ? { kind: 'timed-out', output: cut(said) } : undefined;
}

/** Undefined as long as it is not whole. */
function answerIn(said: string): ExecAnswer | undefined {
  const end = said.lastIndexOf(SEPARATOR);
  const exitCode = end < 0 ? undefined : /^(\d+)\n$/.exec(said.slice(end + 1))?.[1];
  return exitCode === undefined
    ? undefined
    : { kind: 'exited', exitCode: Number(exitCode), output: cut(said.slice(0, end)) };
}

function cut(text: string): string {
  return text.length <= MAX_OUTPUT ? text : `${text.slice(0, MAX_OUTPUT - 1)}…`;
}
