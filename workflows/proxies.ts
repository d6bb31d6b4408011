// Every proxy of an activity, by kind; each number with its reason.
import {
  ActivityCancellationType,
  type ActivityInterfaceFor,
  patched,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { SiteActivities } from '../activities/site.ts';
import type { StoreActivities } from '../activities/store.ts';
import { DIVE_TASK_QUEUE, siteTaskQueue } from '../domain/names.ts';

/** Waits between tries of something that is away: quick at first, a restarted engine or database is back in seconds. */
const RETRY = { initialInterval: '200 milliseconds', backoffCoefficient: 1.6, maximumInterval: '5 seconds' } as const;

/** One statement or a few against the database. Tried for two minutes: a database that restarts loses no deployment. */
const STORE = { startToCloseTimeout: '30 seconds', scheduleToCloseTimeout: '2 minutes', retry: RETRY } as const;

export const store = proxyActivities<StoreActivities>({ ...STORE, taskQueue: DIVE_TASK_QUEUE });
// Between longer waits the workflow task ends, so that queries and signals are heard.
const local = proxyLocalActivities<StoreActivities>({ ...STORE, localRetryThreshold: '1 second' });

/**
 * The same on the way forward, as local activities: done at once, where a queue costs hand-overs. A
 * workflow task that fails is done again with all of them, so there must not be two in a row that together cannot be
 * repeated: the ways back and down take the queue. Histories from before go on with the queue.
 */
export function storeOnTheWay(): ActivityInterfaceFor<StoreActivities> {
  return patched('store-activities-are-local') ? local : store;
}

/** Each heartbeat is a write of the server's: what goes on as long as dozens of services start beats less often. */
export const LONG_RUN_HEARTBEAT = { heartbeatTimeout: '6 seconds' } as const;

/** What it answers then is waited for. */
export const TELLS_WHEN_CANCELLED = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

export interface SiteProxies {
  /** Reads and short changes: heartbeat 3 s, so a killed worker is replaced within seconds. */
  readonly short: ActivityInterfaceFor<SiteActivities>;
  /** Somebody waits at the screen for it: a site without a worker is said soon. */
  readonly ask: ActivityInterfaceFor<SiteActivities>;
  /** Pulls and builds, three times at most: a registry that says no twice says no. */
  readonly images: ActivityInterfaceFor<SiteActivities>;
  /** Waits for health, as long as they need. */
  readonly long: ActivityInterfaceFor<SiteActivities>;
  /** Nobody waits for its end. */
  readonly watch: ActivityInterfaceFor<SiteActivities>;
}

export function siteProxies(site: string): SiteProxies {
  const taskQueue = siteTaskQueue(site);
  // scheduleToStart: a site without a worker is reported instead of waited for.
  const common = {
    taskQueue,
    heartbeatTimeout: '3 seconds',
    scheduleToStartTimeout: '2 minutes',
    retry: RETRY,
  } as const;
  return {
    short: proxyActivities<SiteActivities>({ ...common, startToCloseTimeout: '10 minutes' }),
    ask: proxyActivities<SiteActivities>({
      ...common,
      scheduleToStartTimeout: '10 seconds',
      startToCloseTimeout: '30 seconds',
      scheduleToCloseTimeout: '1 minute',
    }),
    images: proxyActivities<SiteActivities>({
      ...common,
      startToCloseTimeout: '2 hours',
      retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 3 },
    }),
    long: proxyActivities<SiteActivities>({ ...common, startToCloseTimeout: '2 hours' }),
    watch: proxyActivities<SiteActivities>({
      ...common,
      ...LONG_RUN_HEARTBEAT,
      startToCloseTimeout: '12 hours',
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
  };
}
