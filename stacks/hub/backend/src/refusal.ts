// What a caller is told when he does not get what he asked for.

export interface RefusalBody {
  readonly error: string;
  readonly reasons?: readonly string[];
}

/** Ends a request with a status of its own; anything else that is thrown is a 500 without details. */
export class Refusal extends Error {
  readonly status: 401 | 403 | 404 | 405 | 503;
  readonly reasons: readonly string[];

  /** `message` is sent to the caller: it must not say more than he may know. */
  constructor(status: Refusal['status'], message: string, reasons: readonly string[] = [], cause?: unknown) {
    super(message, { cause });
    this.name = 'Refusal';
    this.status = status;
    this.reasons = reasons;
  }

  body(): RefusalBody {
    return { error: this.message, ...(this.reasons.length > 0 && { reasons: this.reasons }) };
  }
}
