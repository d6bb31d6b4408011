// The command's ends (design §11).
import { FAILURES, type FailureDetails } from '../domain/failures.ts';
import type { Finding } from '../schema/finding.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  pending: 2,
  notRolledBack: 3,
  locked: 4,
  cancelled: 5,
  unreachable: 6,
  invalid: 7,
} as const;

/** What ends a verb early; printed in five parts by main. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly details: FailureDetails;
  readonly instance: string | undefined;
  readonly findings: readonly Finding[];
  readonly now: readonly string[];
  readonly next: readonly string[];
  readonly exitCode: number;

  constructor(
    details: FailureDetails,
    more: {
      instance?: string | undefined;
      findings?: readonly Finding[];
      now?: readonly string[];
      next?: readonly string[];
      exitCode?: number;
      cause?: unknown;
    } = {},
  ) {
    super(details.what, more.cause === undefined ? undefined : { cause: more.cause });
    this.details = details;
    this.instance = more.instance;
    this.findings = more.findings ?? [];
    this.now = more.now ?? [];
    this.next = more.next ?? [];
    this.exitCode = more.exitCode ?? FAILURES[details.code].exitCode;
  }
}

/** Invalid input: all findings, exit 7 (or 6 when an engine is to blame). Nothing was touched. */
export function invalid(findings: readonly Finding[], instance?: string): CommandFailure {
  const first: Finding = findings[0] ?? { code: 'DIVE-1105', message: 'the input is not valid' };
  return new CommandFailure(
    { code: first.code, what: first.message },
    { instance, findings, now: ['nothing was touched'], next: [FAILURES[first.code].remedy] },
  );
}
