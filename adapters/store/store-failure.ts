// The only place that knows SQLSTATE strings.
import type { FailureCode } from '../../domain/failures.ts';

export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN']);

/** Connection trouble (class 08, 57P01–03, socket errors) is DIVE-1602; anything else is a fault of ours. */
export function storeFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const lost =
    /^08|^57P0/.test(code) ||
    UNREACHABLE.has(code) ||
    /timeout exceeded|Connection terminated|connection error/i.test(message);
  return lost
    ? new StoreFailure('DIVE-1602', `the database does not answer: ${message || code}`, { cause: error })
    : new StoreFailure('DIVE-1501', `the database refused a statement: ${message} (${code})`, { cause: error });
}
