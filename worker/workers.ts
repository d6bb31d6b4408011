import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createSiteActivities } from '../activities/site.ts';
import { createStoreActivities } from '../activities/store.ts';
import type { Store } from '../adapters/store/connect.ts';
import { DIVE_TASK_QUEUE, siteTaskQueue } from '../domain/names.ts';
import type { WorkerConfig } from './config.ts';

/** Shared by both workers of the process. */
const COMMON = {
  // A dead worker's cached workflows wait this long before another takes them: the longest part of a failover.
  stickyQueueScheduleToStartTimeout: '1 second',
  // Cancellation reaches an activity with its next heartbeat.
  maxHeartbeatThrottleInterval: '300 milliseconds',
  shutdownGraceTime: '1 second',
} satisfies Partial<WorkerOptions>;

/** Waiting costs nothing; 200 services start and wait at once. */
const SITE_SLOTS = 600;
/** 65 KB each. */
const CACHED_WORKFLOWS = 100;

/** Connects with patience: the server may be starting. Throws the last error after `tries`. */
export async function connectTemporal(address: string, tries = 100): Promise<NativeConnection> {
  const { connectionOptions } = loadClientConnectConfig();
  for (let left = tries; ; left -= 1) {
    try {
      return await NativeConnection.connect({ ...connectionOptions, address });
    } catch (error) {
      if (left <= 1) throw error;
      await pause(100);
    }
  }
}

/** One worker for workflows and the store, one for the site's engine. `workflows`: bundle if it was built, else sources. */
export async function createWorkers(
  connection: NativeConnection,
  config: WorkerConfig,
  store: Store,
): Promise<Worker[]> {
  const workflows = existsSync(config.bundleFile)
    ? { workflowBundle: { codePath: config.bundleFile } }
    : { workflowsPath: require.resolve('../workflows') };
  const site = {
    store,
    site: config.site,
    composeCommand: config.composeCommand,
    toolEnvironment: config.toolEnvironment,
    engine: config.engine,
  };
  return Promise.all([
    Worker.create({
      ...COMMON,
      ...workflows,
      connection,
      namespace: config.namespace,
      taskQueue: DIVE_TASK_QUEUE,
      activities: { ...createStoreActivities(store) },
      maxCachedWorkflows: CACHED_WORKFLOWS,
    }),
    Worker.create({
      ...COMMON,
      connection,
      namespace: config.namespace,
      taskQueue: siteTaskQueue(config.site),
      activities: { ...createSiteActivities(site) },
      maxConcurrentActivityTaskExecutions: SITE_SLOTS,
    }),
  ]);
}
