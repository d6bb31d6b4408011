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
 * Starts the services in their order; nobody waits for their health here. Answers in the order of the request.
 * @throws the first failure, of a start or of a health, when what was being started has ended; nothing is begun after it
 */
export async function ensureAllStarted(
  site: Site,
  contexts: OperationContexts,
  { services, ...operation }: StartRequests,
): Promise<readonly StartedService[]> {
  const context = await contexts.get(operation);
  return withHeartbeat(async (beat) => {
    const failures: unknown[] = [];
    const failed = new AbortController();
    const stop = AbortSignal.any([failed.signal, beat.signal]);
    const fail = (service: PlannedService, error: unknown): void => {
      failures.push(toApplicationFailure(error, context.spec.secrets, service.name));
      failed.abort();
    };
    const proofs: Proof[] = [];
    const raise = async (service: PlannedService): Promise<StartedService> => {
      try {
        const started = await ensureStarted(site, contexts, { ...operation, service, crowd: true }, stop);
        const proof = beginProof(site, context, { service, containers: started.containers });
        proofs.push(proof);
        proof.tell(beat.say);
        proof.verdict.catch((error: unknown) => fail(service, error));
        return started;
      } catch (error) {
        fail(service, error);
        throw error;
      }
    };
    try {
      const started = await inOrder(services, raise);
      failed.signal.throwIfAborted();
      return started;
    } catch (error) {
      for (const proof of proofs) proof.stop(error);
      throw beat.signal.aborted ? error : (failures[0] ?? error);
    }
  });
}
