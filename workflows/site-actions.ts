import type { HealthRequest } from '../activities/await-healthy.ts';
import type { OperationRef, PlannedDeployment, PlannedService } from '../domain/deployment.ts';
import { type GroupActions, type Wait, crowdActions } from './crowd.ts';
import type { ExecutorActions } from './executor.ts';
import { LONG_RUN_HEARTBEAT, TELLS_WHEN_CANCELLED } from './proxies.ts';
import type { Run } from './run.ts';

/** What the executor does, as activities of the site; in groups for a crowd. */
export function siteActions(
  { opened, proxies, progress, gate }: Run,
  plan: Pick<PlannedDeployment, 'services' | 'criticalPath'>,
): ExecutorActions {
  const operation = { instance: opened.instance, fence: opened.fence };
  const waitFor = ({ service, started }: Wait): Omit<HealthRequest, keyof OperationRef> => ({
    service,
    containers: started.containers,
    ...(service.name === plan.criticalPath.at(-1) && { isLast: true }),
  });
  const told = new Set<string>();
  /** Once, also when a pause divides its group. */
  const tell = (service: PlannedService): void => {
    if (told.has(service.name)) return;
    told.add(service.name);
    progress.event('starting', startText(service), { service: service.name });
  };
  const single: ExecutorActions = {
    // async, as it always was: histories of before tell what was scheduled first by these very turns.
    start: async (service, turn) => {
      progress.service(service.name, 'starting');
      tell(service);
      const request = { ...operation, service, turn };
      return proxies.short.ensureStarted.executeWithOptions({ summary: service.name }, [request]);
    },
    wait: (service, started) => {
      const request = { ...operation, ...waitFor({ service, started }) };
      return proxies.long.awaitHealthy.executeWithOptions({ summary: service.name }, [request]);
    },
  };
  const group: GroupActions = {
    startAll: (all) => {
      // Who of them has its turn, and who is healthy already, is said by the worker's heartbeats.
      all.forEach(tell);
      const request = { ...operation, services: all };
      const options = { ...LONG_RUN_HEARTBEAT, ...TELLS_WHEN_CANCELLED, summary: summaryOf(all) };
      return proxies.short.ensureAllStarted.executeWithOptions(options, [request]);
    },
    waitAll: (waits) => {
      const options = { ...LONG_RUN_HEARTBEAT, summary: summaryOf(waits.map((w) => w.service)) };
      return proxies.long.awaitAllHealthy.executeWithOptions(options, [{ ...operation, waits: waits.map(waitFor) }]);
    },
  };
  return crowdActions(plan.services, single, group, gate);
}

/** "s001, s002 and 6 more" */
function summaryOf(services: readonly PlannedService[]): string {
  const [first, second, ...more] = services.map((s) => s.name);
  return (
    [first, second].filter((n) => n !== undefined).join(', ') + (more.length === 0 ? '' : ` and ${more.length} more`)
  );
}

/** `create: not there`; replicas of one kind are said once. */
function startText(service: PlannedService): string {
  const texts = service.containers.map((c) => (c.cause === undefined ? c.op : `${c.op}: ${c.cause}`));
  return [...new Set(texts)].join(', ');
}
