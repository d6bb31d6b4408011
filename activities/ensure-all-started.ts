// A row of starts in one activity. Each is proven from its start on, so that one which fails is heard at once.
import type { OperationRef, PlannedService, StartedService } from '../domain/deployment.ts';
import { beginProof } from './await-healthy.ts';
import { ensureStarted } from './ensure-started.ts';
import { toApplicationFailure } from './failure.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { OperationContexts, Site } from './operation-context.ts';
import type { Proof } from './proofs.ts';
import { inOrder } from './together.ts';

export interface StartRequests extends OperationRef {
  /** Dependencies first. */
  readonly services: readonly PlannedService[];
}

/**
 * Starts the services in their order; nobody waits for their health here. Answers in the order of the request; when it
 * is cancelled it begins nothing more, and gives null for who was not started.
 * @throws the first failure, of a start or of a health, when what was being started has ended; nothing is begun after it
 */
export async function ensureAllStarted(
  site: Site,
  contexts: OperationContexts,
  { services, ...operation }: StartRequests,
): Promise<readonly (StartedService | null)[]> {
  const context = await contexts.get(operation);
  return withHeartbeat(async (beat) => {
    const started = new Map<string, StartedService>();
    const proofs: Proof[] = [];
    const failures: unknown[] = [];
    const failed = new AbortController();
    const stop = AbortSignal.any([failed.signal, beat.signal, context.over]);
    const fail = (service: PlannedService, error: unknown): void => {
      failures.push(toApplicationFailure(error, context.spec.secrets, service.name));
      failed.abort();
    };
    const raise = async (service: PlannedService): Promise<void> => {
      try {
        const request = { ...operation, service, crowd: true };
        // A pause cancels, too: what has begun then comes to its end, hooks included.
        const one = await ensureStarted(site, contexts, request, { stop, abort: context.over });
        started.set(service.name, one);
        const proof = beginProof(site, context, { service, containers: one.containers });
        proofs.push(proof);
        proof.tell(beat.say);
        proof.verdict.catch((error: unknown) => fail(service, error));
      } catch (error) {
        // Once it is cancelled, who has not been started has only not been begun.
        if (!beat.signal.aborted && !context.over.aborted) fail(service, error);
        throw error;
      }
    };
    await inOrder(services, raise).catch(() => undefined);
    if (failures.length > 0) {
      for (const proof of proofs) proof.stop(failures[0]);
      throw failures[0];
    }
    return services.map((s) => started.get(s.name) ?? null);
  });
}
