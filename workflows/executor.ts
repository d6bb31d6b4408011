// Starts each service the moment its dependencies' conditions hold, and stops starting when a core service failed.
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { PlannedService, ServiceVerdict, StartedService, Turn } from '../domain/deployment.ts';
import type { FailureDetails } from '../domain/failures.ts';
import type { Condition } from '../schema/service-options.ts';
import { detailsOf, serviceFailure } from './failure.ts';
import type { PauseGate } from './pause-gate.ts';
import type { ProgressLog } from './progress.ts';

export interface ExecutorActions {
  /** Creates what is missing and starts all containers of the service. */
  start(service: PlannedService, turn: Turn): Promise<StartedService>;
  /** Waits for Compose's condition: healthy, or completed. Throws the failure otherwise. */
  wait(service: PlannedService, started: StartedService): Promise<ServiceVerdict>;
  /**
   * Nobody awaits what need not be waited for: of a crowd each promise counts. It heeds a pause itself: of a group some
   * have begun. @default false
   */
  readonly straight?: boolean;
}

export interface ExecutorResult {
  /** Verdicts of the services that were started, in the order they became ready. */
  readonly verdicts: readonly ServiceVerdict[];
  /** Optional services that failed, and what was skipped because of them. */
  readonly degraded: readonly FailureDetails[];
}

type Ending = { readonly ok: true } | { readonly ok: false; readonly failure: FailureDetails };

interface Doors {
  readonly started: Promise<Ending>;
  readonly ready: Promise<Ending>;
  open(door: 'started' | 'ready', ending: Ending): void;
}

/** Of those that somebody depends on: the SDK notes a stack trace for each promise, and most of a crowd need none. */
function allDoors(services: readonly PlannedService[]): ReadonlyMap<string, Doors> {
  const needed = new Set(services.flatMap((s) => s.dependsOn.map((d) => d.service)));
  return new Map(services.filter((s) => needed.has(s.name)).map((s) => [s.name, doors()]));
}

function doors(): Doors {
  let openStarted: (e: Ending) => void = () => undefined;
  let openReady: (e: Ending) => void = () => undefined;
  const started = new Promise<Ending>((resolve) => (openStarted = resolve));
  const ready = new Promise<Ending>((resolve) => (openReady = resolve));
  return { started, ready, open: (door, ending) => (door === 'started' ? openStarted : openReady)(ending) };
}

function isKept(service: PlannedService): boolean {
  return service.containers.every((c) => c.op === 'keep');
}

function isNeededHealthy(service: PlannedService, all: readonly PlannedService[]): boolean {
  return all.some(
    (s) => !isKept(s) && s.dependsOn.some((d) => d.service === service.name && d.condition !== 'service_started'),
  );
}

/**
 * Runs until every service is ready, skipped or degraded. `onReady` hears each service whose containers must now stay
 * alive. `abort` rejects when something outside (a container that died) ends the run.
 * @throws the first core failure, or the cancellation, when everybody who waits for something has heard of it
 */
export async function runServices(
  services: readonly PlannedService[],
  actions: ExecutorActions,
  context: {
    gate: PauseGate;
    progress: ProgressLog;
    abort: Promise<never>;
    onReady(service: PlannedService, started: StartedService): void;
  },
): Promise<ExecutorResult> {
  // Largest remaining path first: activities scheduled together are taken up in this order.
  const order = [...services].sort((a, b) => b.rankMs - a.rankMs || (a.name < b.name ? -1 : 1));
  const byName = allDoors(services);
  const verdicts: ServiceVerdict[] = [];
  const degraded: FailureDetails[] = [];
  const scope = new CancellationScope();
  const turn = turns();

  const runOne = async (service: PlannedService): Promise<void> => {
    const own = byName.get(service.name);
    const end = (ending: Ending): void => {
      own?.open('started', ending);
      own?.open('ready', ending);
    };
    try {
      const needsNobody = actions.straight === true && service.dependsOn.length === 0;
      const missing = needsNobody ? undefined : await unmetDependency(service, byName);
      if (missing) throw serviceFailure(missing);
      if (isKept(service) && !isNeededHealthy(service, services)) {
        context.progress.service(service.name, 'kept', { waitsFor: [] });
        end({ ok: true });
        return;
      }
      if (actions.straight !== true) await context.gate.pass();
      // Its turn comes when its start is handed over: of a crowd that may be later.
      context.progress.service(service.name, 'waiting', { waitsFor: [] });
      const started = isKept(service)
        ? { containers: service.containers.map((c) => ({ name: c.name, id: c.id ?? '', startedAtMs: 0 })) }
        : await actions.start(service, turn());
      own?.open('started', { ok: true });
      context.progress.service(service.name, 'probing');
      const verdict = await actions.wait(service, started);
      verdicts.push(verdict);
      context.onReady(service, verdict.containers ? { containers: verdict.containers } : started);
      if (isKept(service)) {
        context.progress.service(service.name, 'kept', { evidence: verdict.evidence });
      } else {
        const { evidence, durationMs: ms, atMs = Date.now() } = verdict;
        context.progress.service(service.name, 'healthy', { evidence, ms });
        context.progress.event('healthy', evidence, { service: service.name, ms, atMs });
      }
      end({ ok: true });
    } catch (error) {
      const failure = detailsOf(error, service.name);
      end({ ok: false, failure });
      if (isCancellation(error) || service.class === 'core') throw error;
      degraded.push(failure);
      context.progress.service(service.name, 'degraded', { evidence: failure.what });
      context.progress.event('degraded', failure.what, { service: service.name });
    }
  };

  return scope.run(async () => {
    const runs = order.map((s) => runOne(s));
    try {
      await Promise.race([Promise.all(runs), context.abort]);
    } catch (error) {
      scope.cancel();
      await Promise.allSettled(runs);
      throw error;
    }
    return { verdicts, degraded };
  });
}

/** Waits for all dependencies; gives the failure that keeps the service from starting, if any. */
async function unmetDependency(
  service: PlannedService,
  byName: ReadonlyMap<string, Doors>,
): Promise<FailureDetails | undefined> {
  const endings = await Promise.all(
    service.dependsOn.map(async (d) => {
      const ending = await conditionOf(byName.get(d.service), d.condition);
      return { dependency: d, ending };
    }),
  );
  const unmet = endings.find(({ dependency, ending }) => dependency.required && !ending.ok);
  if (!unmet) return undefined;
  const root = unmet.ending.ok ? undefined : unmet.ending.failure;
  return {
    code: 'DIVE-1203',
    what: `${unmet.dependency.service} failed, so this was not started`,
    service: service.name,
    root: `${unmet.dependency.service}: ${root?.what ?? 'failed'}`,
  };
}

function conditionOf(dependency: Doors | undefined, condition: Condition): Promise<Ending> {
  // Not part of this run: an optional dependency outside the active profiles.
  if (!dependency) return Promise.resolve({ ok: true });
  return condition === 'service_started' ? dependency.started : dependency.ready;
}

/** Counts from 0 within one moment of workflow time: what starts together is asked for in the order of its urgency. */
function turns(): () => Turn {
  let last: Turn = { momentMs: 0, place: 0 };
  return () => {
    const momentMs = Date.now();
    last = { momentMs, place: last.momentMs === momentMs ? last.place + 1 : 0 };
    return last;
  };
}
