// A deployment by the real workflows on a real Temporal, of services that are only a record.
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { type DiveConnection, connect, startDeployment } from '../../client/index.ts';
import type { Ending } from '../../client/operations.ts';
import type { DeploymentResult } from '../../domain/deployment.ts';
import { DIVE_TASK_QUEUE, siteTaskQueue } from '../../domain/names.ts';
import { type Circumstances, type FakeService, fakeSite, fakeStore, planned } from './fake-site.ts';

interface Engines {
  readonly dive: DiveConnection;
  readonly native: NativeConnection;
  readonly bundle: WorkflowBundle;
}

export interface Fakes {
  /** Deploys `code` by the real workflow; gives the ending and the record. */
  readonly deploy: (
    code: string,
    services: Readonly<Record<string, FakeService>>,
    given?: Deployment,
  ) => Promise<Deployed>;
  readonly client: DiveConnection['client'];
}

/** For the tests of this file: the run's Temporal, and the workflows as a worker has them. */
export function useFakes(): Fakes {
  let engines: Engines | undefined;
  const open = (): Engines => {
    if (!engines) throw new Error('asked for before the first test');
    return engines;
  };
  beforeAll(async () => {
    const logger = new DefaultLogger('ERROR', () => undefined);
    Runtime.install({ logger });
    const address = process.env.DIVE_TEST_TEMPORAL_ADDRESS ?? '';
    const bundle = await bundleWorkflowCode({ workflowsPath: require.resolve('../../workflows/index.ts'), logger });
    engines = { bundle, dive: await connect({ address }), native: await NativeConnection.connect({ address }) };
  });
  afterAll(async () => {
    await engines?.dive.close();
    await engines?.native.close();
  });
  return {
    deploy: (code, services, given) => deployWithFakes(open(), code, services, given),
    get client() {
      return open().dive.client;
    },
  };
}

export interface Deployed {
  readonly ending: Ending<DeploymentResult>;
  readonly record: readonly string[];
}

export interface Deployment extends Circumstances {
  /** Runs beside the deployment. */
  readonly during?: (record: readonly string[]) => Promise<void>;
}

async function deployWithFakes(
  engines: Engines,
  code: string,
  services: Readonly<Record<string, FakeService>>,
  given: Deployment = {},
): Promise<Deployed> {
  const record: string[] = [];
  const site = code.toLowerCase();
  const common = {
    connection: engines.native,
    shutdownGraceTime: '1 second',
    maxHeartbeatThrottleInterval: '200 milliseconds',
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: DIVE_TASK_QUEUE,
      workflowBundle: engines.bundle,
      activities: { ...fakeStore(site, record) },
    }),
    Worker.create({
      ...common,
      taskQueue: siteTaskQueue(site),
      activities: { ...fakeSite(planned(services), record, given) },
    }),
  ]);
  const both = Promise.all(workers.map((w) => w.run()));
  try {
    const operation = await startDeployment(engines.dive.client, 'hub', { instance: code });
    const [ending] = await Promise.all([operation.result(), given.during?.(record)]);
    return { ending, record };
  } finally {
    for (const w of workers) w.shutdown();
    await both;
  }
}
