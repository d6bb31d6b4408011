// The only place that knows the engine's status codes and texts (and Node's socket errors).
import type { FailureCode } from '../../domain/failures.ts';

export class EngineFailure extends Error {
  override readonly name = 'EngineFailure';
  readonly code: FailureCode;
  /** HTTP status of the engine's answer; absent when there was no answer. */
  readonly status: number | undefined;
  /** Last lines of what a tool printed; not masked. */
  readonly lines: readonly string[];
  /** What to do about this very one, a line each; empty: what its code says. */
  readonly next: readonly string[];
  /** Asking again gives the same answer, whatever others of its code do. */
  readonly isFinal: boolean;
  constructor(code: FailureCode, message: string, options: EngineFailureOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.lines = options.lines ?? [];
    this.next = options.next ?? [];
    this.isFinal = options.isFinal ?? false;
  }
}

interface EngineFailureOptions {
  readonly status?: number | undefined;
  readonly cause?: unknown;
  readonly lines?: readonly string[];
  readonly next?: readonly string[];
  readonly isFinal?: boolean;
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What the text of an answer means, first match first; texts of engines 20.10 to 28. */
const MEANINGS: readonly (readonly [RegExp, FailureCode])[] = [
  [/port is already allocated|address already in use|ports are not available/i, 'DIVE-1111'],
  [/no space left on device|disk quota exceeded/i, 'DIVE-1112'],
  [/no such image|does not match the specified platform|manifest (for .*)?(unknown|not found)/i, 'DIVE-1208'],
  [/pull access denied|repository does not exist|unauthorized: /i, 'DIVE-1208'],
  [/network \S+ not found/i, 'DIVE-1003'],
  [/no such container/i, 'DIVE-1207'],
  [/is paused/i, 'DIVE-1206'],
];

/**
 * The typed failure of whatever a call to the engine threw; an `EngineFailure` stays what it is.
 * An answer that means nothing special is DIVE-1201, silence is DIVE-1601, a socket we may not open DIVE-1006.
 */
export function engineFailure(error: unknown): EngineFailure {
  if (error instanceof EngineFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const socketCode = textField(error, 'code');
  if (socketCode === 'EACCES' || socketCode === 'EPERM') {
    return new EngineFailure('DIVE-1006', `this user may not talk to the Docker engine: ${message}`, { cause: error });
  }
  const status = numberField(error, 'statusCode');
  if (status === undefined && (UNREACHABLE.has(socketCode ?? '') || /socket hang up|aborted/.test(message))) {
    return new EngineFailure('DIVE-1601', `the Docker engine does not answer: ${message}`, { cause: error });
  }
  const text = engineText(message);
  const meaning = MEANINGS.find(([pattern]) => pattern.test(text));
  return new EngineFailure(meaning?.[1] ?? 'DIVE-1201', text, { status, cause: error });
}

/** Did the engine answer with this status? */
export function answered(error: unknown, status: number): error is EngineFailure {
  return error instanceof EngineFailure && error.status === status;
}

/** docker-modem wraps the engine's text as `(HTTP code 500) server error - text `. */
function engineText(message: string): string {
  return message
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function textField(value: unknown, key: string): string | undefined {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : undefined;
}

function numberField(value: unknown, key: string): number | undefined {
  const field = fieldOf(value, key);
  return typeof field === 'number' ? field : undefined;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
