import type { FailureCode } from '../domain/failures.ts';

/** What the embedded server cannot do; `code` is of the catalogue, `message` one line without a full stop. */
export class ServerFailure extends Error {
  readonly code: FailureCode;
  /** Evidence: the last lines of a log. */
  readonly why: readonly string[];
  /** What can be typed next; the catalogue's remedy when empty. */
  readonly next: readonly string[];

  constructor(
    code: FailureCode,
    message: string,
    why: readonly string[] = [],
    options: ErrorOptions & { next?: readonly string[] } = {},
  ) {
    super(message, options);
    this.name = 'ServerFailure';
    this.code = code;
    this.why = why;
    this.next = options.next ?? [];
  }
}
