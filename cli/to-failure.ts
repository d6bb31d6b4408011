// What a verb threw, in the words of the catalogue.
import { isFailureCode } from '../domain/failures.ts';
import { silenceOf } from './await-end.ts';
import { CommandFailure } from './exit.ts';
import { outsideFailure } from './session.ts';

/** Failures of the adapters carry a code of the catalogue, Temporal's silence is told by gRPC; anything else is a fault of ours. */
export function toFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (error instanceof Error && isFailureCode(code)) return outsideFailure(error, 'DIVE-1603');
  const silence = silenceOf(error);
  if (silence !== undefined)
    return new CommandFailure(
      { code: 'DIVE-1603', what: 'Temporal does not answer any more', why: [silence] },
      {
        now: ['whether anything was begun is not known: dive status tells, when the server is back'],
        next: ['dive server status'],
        cause: error,
      },
    );
  const what = error instanceof Error ? error.message : String(error);
  const stack = (error instanceof Error && error.stack) || '';
  const why = stack.split('\n').slice(1, 4);
  return new CommandFailure({ code: 'DIVE-1501', what, why: why.map((l) => l.trim()) }, { cause: error });
}
