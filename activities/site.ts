// Activities that touch a site's engine; task queue `site-<name>`. The factory takes the adapters, the functions are thin.
import type {
  Completed,
  Inspection,
  OperationRef,
  PlannedDeployment,
  Reverted,
  ServiceVerdict,
  StartedService,
} from '../domain/deployment.ts';
import { type HealthRequest, type HealthRequests, awaitHealthy } from './await-healthy.ts';
import { type ImageRequest, bringImage } from './bring-image.ts';
import { type CompleteRequest, completeDeployment, completeUnchanged } from './complete-deployment.ts';
import { type StartRequests, ensureAllStarted } from './ensure-all-started.ts';
import { type StartRequest, ensureStarted } from './ensure-started.ts';
import { toApplicationFailure } from './failure.ts';
import { type Death, type DeathRequest, nextDeath } from './next-death.ts';
import { withHeartbeat } from './heartbeat.ts';
import { inspectProject } from './inspect-project.ts';
import { OperationContexts, type Site } from './operation-context.ts';
import { type PlanRequest, planDeployment } from './plan-deployment.ts';
import { type AheadRequest, type PrepareRequest, createAhead, prepareProject } from './prepare-project.ts';
import { revertDeployment } from './revert-deployment.ts';
import { type TornDown, teardownProject } from './teardown-project.ts';
import { allOrNone } from './together.ts';
import { type VerifyRequest, verifyServices } from './verify-services.ts';

export interface SiteActivities {
  planDeployment(request: PlanRequest): Promise<PlannedDeployment>;
  bringImage(request: ImageRequest): Promise<void>;
  prepareProject(request: PrepareRequest): Promise<void>;
  createAhead(request: AheadRequest): Promise<void>;
  ensureStarted(request: StartRequest): Promise<StartedService>;
  awaitHealthy(request: HealthRequest): Promise<ServiceVerdict>;
  /** Several services in one hand-over, started in their order; when it is cancelled null for who was not begun. */
  ensureAllStarted(request: StartRequests): Promise<readonly (StartedService | null)[]>;
  awaitAllHealthy(request: HealthRequests): Promise<readonly ServiceVerdict[]>;
  nextDeath(request: DeathRequest): Promise<Death>;
  verifyServices(request: VerifyRequest): Promise<readonly ServiceVerdict[]>;
  completeDeployment(request: CompleteRequest): Promise<Completed>;
  completeUnchanged(request: OperationRef): Promise<Completed>;
  revertDeployment(request: OperationRef): Promise<Reverted>;
  /** Read-only; parses its input itself. */
  inspectProject(input: unknown): Promise<Inspection>;
  teardownProject(request: OperationRef & { volumes: boolean }): Promise<TornDown>;
}

export function createSiteActivities(site: Site): SiteActivities {
  const contexts = new OperationContexts(site);
  // What leaves an activity is typed by the catalogue and masked with the secrets of the operation's spec.
  const mapped = async <T>(request: OperationRef, service: string | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const secrets = await contexts.get(request).then(
        (c) => c.spec.secrets,
        () => [],
      );
      throw toApplicationFailure(error, secrets, service);
    }
  };
  return {
    planDeployment: (r) => withHeartbeat(() => mapped(r, undefined, () => planDeployment(site, contexts, r))),
    bringImage: (r) => mapped(r, r.services[0], () => bringImage(site, contexts, r)),
    prepareProject: (r) => mapped(r, undefined, () => prepareProject(site, contexts, r)),
    createAhead: (r) => mapped(r, undefined, () => createAhead(contexts, r)),
    ensureStarted: (r) => mapped(r, r.service.name, () => ensureStarted(site, contexts, r)),
    awaitHealthy: (r) => mapped(r, r.service.name, () => awaitHealthy(site, contexts, r)),
    ensureAllStarted: (r) => mapped(r, undefined, () => ensureAllStarted(site, contexts, r)),
    awaitAllHealthy: (r) =>
      withHeartbeat(() =>
        allOrNone(
          r.waits.map((wait) => (stop: AbortSignal) => {
            const request = { instance: r.instance, fence: r.fence, ...wait };
            return mapped(r, wait.service.name, () => awaitHealthy(site, contexts, request, stop));
          }),
        ),
      ),
    nextDeath: (r) => mapped(r, undefined, () => nextDeath(contexts, r)),
    verifyServices: (r) => mapped(r, undefined, () => verifyServices(site, contexts, r)),
    completeDeployment: (r) => mapped(r, undefined, () => completeDeployment(site, contexts, r)),
    completeUnchanged: (r) => withHeartbeat(() => mapped(r, undefined, () => completeUnchanged(site, contexts, r))),
    revertDeployment: (r) => mapped(r, undefined, () => revertDeployment(site, contexts, r)),
    inspectProject: (input) =>
      withHeartbeat(() => inspectProject(site, input)).catch((error: unknown) => {
        throw toApplicationFailure(error);
      }),
    teardownProject: (r) => mapped(r, undefined, () => teardownProject(site, contexts, r)),
  };
}
