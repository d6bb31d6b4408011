import { EXIT } from '../exit.ts';
import { instancesFor } from '../instances.ts';
import { duration } from '../output/durations.ts';
import type { Session } from '../session.ts';

const SHOWN = 20;

/** `  db: the container is paused`, or nothing. */
function failureText(failure: unknown): string {
  if (failure === null || typeof failure !== 'object' || !('what' in failure)) return '';
  const who = 'service' in failure && typeof failure.service === 'string' ? `${failure.service}: ` : '';
  return `  ${who}${String(failure.what)}`;
}

/** Operations of the instance, newest first. */
export async function history(session: Session, codes: readonly string[]): Promise<number> {
  const { listOperations } = await import('../../adapters/store/operations.ts');
  const store = await session.store();
  const instances = await instancesFor(session, codes, {});
  const found = await Promise.all(
    instances.map(async (i) => ({ instance: i, operations: await listOperations(store, i.code, SHOWN) })),
  );
  session.output.json({
    version: 1,
    instances: found.map(({ instance, operations }) => ({
      instance: instance.code,
      operations: operations.map((o) => ({
        operation: o.fence,
        kind: o.kind,
        by: o.by_user === null ? null : `${o.by_user} on ${o.by_host ?? '?'}`,
        startedAt: o.started_at.toISOString(),
        endedAt: o.ended_at?.toISOString() ?? null,
        outcome: o.outcome ?? 'running',
        code: o.error_code,
        failure: o.failure ?? null,
      })),
    })),
  });
  for (const { instance, operations } of found) {
    session.output.say(`${instance.code}   ${instance.state}   release ${instance.release ?? 'none'}`);
    for (const o of operations) {
      const took = o.ended_at ? duration(o.ended_at.getTime() - o.started_at.getTime()) : 'running';
      const what = failureText(o.failure);
      const when = o.started_at.toISOString().slice(0, 19).replace('T', ' ');
      session.output.say(
        `  ${String(o.fence).padStart(4)}  ${when}  ${o.kind.padEnd(8)} ${(o.outcome ?? 'running').padEnd(15)} ${took.padStart(8)}  ${o.by_user ?? ''}${o.error_code ? `  ${o.error_code}${what}` : ''}`,
      );
    }
  }
  return EXIT.done;
}
