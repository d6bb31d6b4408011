// Activities that touch only the store; task queue `dive`.
import { activityInfo } from '@temporalio/activity';
import { closeOperation, openOperation } from '../adapters/store/operations.ts';
import type { Store } from '../adapters/store/connect.ts';
import { findInstance, projectConflict } from '../adapters/store/instances.ts';
import { moveThrough, transition } from '../adapters/store/transition.ts';
import type { OpenedOperation, OperationRef } from '../domain/deployment.ts';
import { type InstanceState, settle } from '../domain/states.ts';
import { DeployInput, TeardownInput } from '../schema/inputs.ts';
import { failureOf, toApplicationFailure } from './failure.ts';

export interface StoreActivities {
  /** Parses the workflow's input, bumps the fence and settles what a lost operation left. */
  openOperation(request: { kind: 'deploy' | 'teardown'; input: unknown }): Promise<OpenedOperation>;
  /** Through these states, in this order; those it has passed already are passed over. */
  moveState(request: OperationRef & { to: readonly InstanceState[] }): Promise<void>;
  closeOperation(
    request: OperationRef & { outcome: string; code?: string; failure?: unknown; result?: unknown },
  ): Promise<void>;
}

export function createStoreActivities(store: Store): StoreActivities {
  const mapped = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toApplicationFailure(error);
    }
  };
  return {
    openOperation: (request) => mapped(() => open(store, request)),
    moveState: ({ instance, fence, to }) => mapped(() => moveThrough(store, { instance, fence }, to)),
    closeOperation: ({ instance, fence, ...end }) => mapped(() => closeOperation(store, instance, fence, end)),
  };
}

function parse(
  kind: 'deploy' | 'teardown',
  input: unknown,
): {
  instance: string;
  by?: { user: string; host: string } | undefined;
  options: OpenedOperation['options'];
  volumes: boolean;
} {
  const parsed = kind === 'deploy' ? DeployInput.safeParse(input) : TeardownInput.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw failureOf({
      code: 'DIVE-1104',
      what: `the input is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
    });
  }
  const { instance, by } = parsed.data;
  return {
    instance,
    by,
    options: 'options' in parsed.data ? (parsed.data.options ?? {}) : {},
    volumes: 'volumes' in parsed.data && parsed.data.volumes === true,
  };
}

/** What stands under its project's name may be another instance's, to change or to remove. */
async function assertProjectFree(store: Store, instance: string): Promise<void> {
  const own = await findInstance(store, instance);
  const what = own?.state === 'UNKNOWN' ? await projectConflict(store, own) : undefined;
  if (what !== undefined) throw failureOf({ code: 'DIVE-1008', what });
}

async function open(store: Store, request: { kind: 'deploy' | 'teardown'; input: unknown }): Promise<OpenedOperation> {
  const { instance, by, options, volumes } = parse(request.kind, request.input);
  const { workflowId, runId } = activityInfo().workflowExecution ?? { workflowId: '', runId: '' };
  await assertProjectFree(store, instance);
  const fence = await openOperation(store, {
    instance,
    kind: request.kind,
    workflowId,
    runId,
    user: by?.user ?? null,
    host: by?.host ?? null,
    spec: options.plan ?? null,
  });
  const before = await findInstance(store, instance);
  for (const to of settle(before?.state ?? 'UNKNOWN')) await transition(store, instance, fence, to);
  const row = await findInstance(store, instance);
  if (!row) throw failureOf({ code: 'DIVE-1001', what: `there is no instance ${instance}` });
  return {
    instance,
    fence,
    site: row.site,
    state: row.state,
    project: row.project,
    spec: options.plan ?? null,
    options,
    volumes,
    hadRelease: row.release !== null,
  };
}
