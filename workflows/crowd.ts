// Where many services are raised, several share one activity: a hand-over costs the server processor time,
// which dozens of starts at once would take from the engine.
import { patched } from '@temporalio/workflow';
import type { PlannedService, ServiceVerdict, StartedService } from '../domain/deployment.ts';
import type { ExecutorActions } from './executor.ts';
import { type Asked, Groups } from './groups.ts';
import type { PauseGate } from './pause-gate.ts';

/** Up to this many, each has its own: they show best what is going on. */
const CROWD = 20;

/** How a crowd is handed over. */
interface Sizes {
  /** Services of a group. */
  readonly size: number;
  /** Of a row in which each only follows the one before it: between two pieces of it the engine has nothing to do. */
  readonly row: number;
  /** Groups of starts at once, so many that the engine is never without work. */
  readonly atOnce: number;
  readonly waitsTogether: boolean;
  readonly straight: boolean;
}

/**
 * In six groups, so that one sees how far it is, of 16 services at least (each hand-over costs) and of 32 at most (a
 * pause waits for those under way). Earlier operations go on as they began.
 */
function sizes(count: number): Sizes {
  if (patched('groups-by-crowd')) {
    const size = Math.min(32, Math.max(16, Math.ceil(count / 6)));
    return { size, row: 32, atOnce: 2, waitsTogether: true, straight: true };
  }
  const size = patched('groups-of-16') ? { size: 16, row: 16, atOnce: 2 } : { size: 8, row: 8, atOnce: 3 };
  return { ...size, waitsTogether: patched('one-wait-for-a-group'), straight: false };
}

export interface GroupActions {
  /** In their order; when it is cancelled null for who was not begun. */
  startAll(services: readonly PlannedService[]): Promise<readonly (StartedService | null)[]>;
  waitAll(waits: readonly Wait[]): Promise<readonly ServiceVerdict[]>;
}

export interface Wait {
  readonly service: PlannedService;
  readonly started: StartedService;
}

/**
 * `single` for a few services; for a crowd the same, in groups where nobody is kept waiting by it. While the gate is
 * closed no group is begun, also none of services that have passed it; one under way begins nothing more.
 */
export function crowdActions(
  services: readonly PlannedService[],
  single: ExecutorActions,
  group: GroupActions,
  gate: PauseGate,
): ExecutorActions {
  if (services.length <= CROWD) return single;
  const { size, row, atOnce, waitsTogether, straight } = sizes(services.length);
  const asked = new Map<string, Promise<StartedService>>();
  const awaited = new Set(
    services.flatMap((s) => s.dependsOn.filter((d) => d.condition !== 'service_started').map((d) => d.service)),
  );
  const waitedFor = new Map<string, () => Promise<ServiceVerdict>>();
  /** What was started together is waited for together, but for those that somebody waits for. */
  const waitForGroup = (all: readonly Wait[]): void => {
    const own = all.filter(({ service }) => !awaited.has(service.name));
    if (own.length === 0) return;
    const verdicts = group.waitAll(own);
    verdicts.catch(() => undefined);
    for (const [i, { service }] of own.entries()) waitedFor.set(service.name, () => verdicts.then((v) => at(v, i)));
  };
  /** Answers all of them; a pause divides the row. */
  const startRow = async (all: readonly Start[]): Promise<void> => {
    let left = all;
    try {
      while (left.length > 0) {
        const answers = await gate.untilPaused(() => group.startAll(left.map((s) => s.request)));
        const begun = left.flatMap((one, i) => (answers[i] ? [{ one, started: answers[i] }] : []));
        if (waitsTogether) waitForGroup(begun.map(({ one, started }) => ({ service: one.request, started })));
        for (const { one, started } of begun) one.resolve(started);
        left = left.filter((_, i) => !answers[i]);
        if (left.length > 0) await gate.pass();
      }
    } catch (error) {
      for (const one of left) one.reject(error);
    }
  };
  const mayStart = (underWay: number): boolean => underWay < atOnce && !gate.paused;
  const starts = new Groups<PlannedService, StartedService>(size, mayStart, async (first) => {
    const begun = first.map((a) => a.request);
    const rest = followers(services, begun, new Set(asked.keys()), row - first.length).map((service) => {
      const { promise, ...start } = openStart(service);
      promise.catch(() => undefined);
      asked.set(service.name, promise);
      return start;
    });
    await startRow([...first, ...rest]);
  });
  const waits = new Groups<Wait, ServiceVerdict>(
    size,
    () => true,
    async (all) => {
      const verdicts = await group.waitAll(all.map((a) => a.request));
      for (const [i, one] of all.entries()) one.resolve(at(verdicts, i));
    },
  );
  return {
    straight,
    start: (service, turn) => {
      if (service.class !== 'core') {
        const start = (): Promise<StartedService> => single.start(service, turn);
        return straight && gate.paused ? gate.pass().then(start) : start();
      }
      const known = asked.get(service.name);
      if (known) return known;
      const own = starts.ask(service);
      asked.set(service.name, own);
      return own;
    },
    wait: (service, started) => {
      if (service.class !== 'core' || awaited.has(service.name)) return single.wait(service, started);
      return waitedFor.get(service.name)?.() ?? waits.ask({ service, started });
    },
  };
}

type Start = Asked<PlannedService, StartedService>;

function openStart(request: PlannedService): Start & { readonly promise: Promise<StartedService> } {
  let resolve: Start['resolve'] = () => undefined;
  let reject: Start['reject'] = () => undefined;
  const promise = new Promise<StartedService>((open, fail) => {
    resolve = open;
    reject = fail;
  });
  return { request, resolve, reject, promise };
}

/** Who only waits for the start of services of this group, nearest first: the same activity can go on with them. */
function followers(
  services: readonly PlannedService[],
  group: readonly PlannedService[],
  asked: ReadonlySet<string>,
  room: number,
): PlannedService[] {
  const inside = new Set(group.map((s) => s.name));
  const found: PlannedService[] = [];
  const mayFollow = (s: PlannedService): boolean =>
    !asked.has(s.name) &&
    !inside.has(s.name) &&
    s.class === 'core' &&
    s.containers.some((c) => c.op !== 'keep') &&
    s.dependsOn.length > 0 &&
    s.dependsOn.every((d) => d.required && d.condition === 'service_started' && inside.has(d.service));
  while (found.length < room) {
    const next = services.find(mayFollow);
    if (!next) break;
    inside.add(next.name);
    found.push(next);
  }
  return found;
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error('an activity gave fewer answers than it was asked for');
  return value;
}
