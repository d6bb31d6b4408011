// The only place that knows SQLSTATE strings.
import type { Pool } from 'pg';
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

/** The index that lets one instance hold a project. */
const ONE_INSTANCE = 'one_instance_a_project';
const HELD = 'its Compose project is deployed as another instance: dive status shows which';

/** `127.0.0.1:5432` of a PostgreSQL URL, never its password; nothing for a socket. */
function addressIn(url: string | undefined): string {
  try {
    const { hostname, port } = new URL(url ?? '');
    return hostname === '' ? '' : ` at ${hostname}:${port === '' ? '5432' : port}`;
  } catch {
    return '';
  }
}

/** Connection trouble (class 08, 57P01–03, socket errors) is DIVE-1602; anything else is a fault of ours. */
export function storeFailure(error: unknown, pool?: Pick<Pool, 'options'>): StoreFailure {
  if (error instanceof StoreFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'constraint' in error && error.constraint === ONE_INSTANCE)
    return new StoreFailure('DIVE-1008', HELD, { cause: error });
  const lost =
    /^08|^57P0/.test(code) ||
    UNREACHABLE.has(code) ||
    /timeout exceeded|Connection terminated|connection error/i.test(message);
  return lost
    ? new StoreFailure(
        'DIVE-1602',
        `PostgreSQL${addressIn(pool?.options.connectionString)} does not answer: ${message || code}`,
        { cause: error },
      )
    : new StoreFailure('DIVE-1501', `the database refused a statement: ${message} (${code})`, { cause: error });
}
