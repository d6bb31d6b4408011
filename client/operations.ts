// Starting and steering operations: what a CI script imports, and what the command itself uses.
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import type { DeploymentFailure, DeploymentResult, TeardownResult } from '../domain/deployment.ts';
import { FAILURES, isFailureCode } from '../domain/failures.ts';
import { PAUSE_SIGNAL, PROGRESS_QUERY, type Progress, RESUME_SIGNAL } from '../domain/messages.ts';
import { DIVE_TASK_QUEUE, instanceWorkflowId } from '../domain/names.ts';
import type { Caller, DeployOptions } from '../schema/inputs.ts';

export interface Operation<R> {
  readonly instance: string;
  readonly runId: string;
  /** Waits for the end. */
  result(): Promise<Ending<R>>;
}

export type Ending<R> =
  | { readonly kind: 'done'; readonly result: R }
  | { readonly kind: 'failed'; readonly failure: DeploymentFailure }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'terminated' };

/** Who holds an instance, as far as Temporal can tell. */
export interface Holder {
  readonly runId: string;
  readonly workflowType: string;
  readonly sinceMs: number;
  readonly progress?: Progress;
}

export class InstanceLockedError extends Error {
  override readonly name = 'InstanceLockedError';
  readonly instance: string;
  readonly holder: Holder | undefined;
  constructor(instance: string, holder: Holder | undefined) {
    super(`${instance} is held by another operation`);
    this.instance = instance;
    this.holder = holder;
  }
}

/** Throws InstanceLockedError when an operation of the instance runs. */
export function startDeployment(
  client: Client,
  role: 'hub' | 'spoke',
  input: { instance: string; options?: DeployOptions; by?: Caller },
): Promise<Operation<DeploymentResult>> {
  return start<DeploymentResult>(client, role === 'hub' ? 'deployHub' : 'deploySpoke', input.instance, input);
}

/** Throws InstanceLockedError when an operation of the instance runs. */
export function startTeardown(
  client: Client,
  input: { instance: string; volumes?: boolean; by?: Caller },
): Promise<Operation<TeardownResult>> {
  return start<TeardownResult>(client, 'teardown', input.instance, input);
}

async function start<R>(client: Client, type: string, instance: string, input: unknown): Promise<Operation<R>> {
  const workflowId = instanceWorkflowId(instance);
  try {
    const handle = await client.workflow.start<(given: unknown) => Promise<R>>(type, {
      workflowId,
      taskQueue: DIVE_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `${type} ${instance}`,
      // A worker killed in the middle of a workflow task holds it so long: the default, 10 s, is the whole budget.
      workflowTaskTimeout: '5 seconds',
    });
    return { instance, runId: handle.firstExecutionRunId, result: () => ending(instance, () => handle.result()) };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new InstanceLockedError(instance, await findHolder(client, instance));
  }
}

/** The running operation, or undefined; asks for its progress for one second at most. */
export async function findHolder(client: Client, instance: string): Promise<Holder | undefined> {
  const handle = client.workflow.getHandle(instanceWorkflowId(instance));
  try {
    const found = await handle.describe();
    if (found.status.name !== 'RUNNING') return undefined;
    const progress = await queryProgress(client, instance, 0, 1_000).catch(() => undefined);
    return {
      runId: found.runId,
      workflowType: found.type,
      sinceMs: found.startTime.getTime(),
      ...(progress === undefined ? {} : { progress }),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}

/** Attaches to the operation that runs, e.g. to wait for its end. */
export function attach<R>(client: Client, instance: string, runId: string): Operation<R> {
  const handle = client.workflow.getHandle<() => Promise<R>>(instanceWorkflowId(instance), runId);
  return { instance, runId, result: () => ending(instance, () => handle.result()) };
}

/** Events after `since`; rejects when no worker answers within `withinMs`. */
export function queryProgress(
  client: Client,
  instance: string,
  since: number,
  withinMs: number,
  runId?: string,
): Promise<Progress> {
  const handle = client.workflow.getHandle(instanceWorkflowId(instance), runId);
  return client.connection.withDeadline(Date.now() + withinMs, () =>
    handle.query<Progress, [{ since: number }]>(PROGRESS_QUERY, { since }),
  );
}

export async function pause(client: Client, instance: string, by: string): Promise<void> {
  await client.workflow.getHandle(instanceWorkflowId(instance)).signal(PAUSE_SIGNAL, { by });
}

export async function resume(client: Client, instance: string, by: string): Promise<void> {
  await client.workflow.getHandle(instanceWorkflowId(instance)).signal(RESUME_SIGNAL, { by });
}

/** Asks the operation to stop; what it did is taken back before it ends. */
export async function cancel(client: Client, instance: string): Promise<void> {
  await client.workflow.getHandle(instanceWorkflowId(instance)).cancel();
}

/** Removes what Temporal kept of the instance's operations, as far as it lists them by now. */
export async function forgetHistory(client: Client, instance: string): Promise<void> {
  const { namespace } = client.options;
  for await (const { workflowId, runId } of client.workflow.list({
    query: `WorkflowId = "${instanceWorkflowId(instance)}"`,
  })) {
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } });
  }
}

async function ending<R>(instance: string, wait: () => Promise<R>): Promise<Ending<R>> {
  try {
    return { kind: 'done', result: await wait() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const cause = error.cause;
    if (cause?.name === 'CancelledFailure') return { kind: 'cancelled' };
    if (cause?.name === 'TerminatedFailure') return { kind: 'terminated' };
    const failure = failureIn(cause, instance);
    if (failure) return { kind: 'failed', failure };
    throw error;
  }
}

/** The operation's own failure; or that of an operation that could not even be opened, so touched nothing. */
export function failureIn(cause: unknown, instance: string): DeploymentFailure | undefined {
  for (let at = cause; at instanceof Error; at = at.cause) {
    const details: unknown = 'details' in at && Array.isArray(at.details) ? at.details[0] : undefined;
    if (isFailure(details)) return details;
    if (typeof details !== 'object' || details === null || !('code' in details) || !isFailureCode(details.code))
      continue;
    return {
      code: details.code,
      what: 'what' in details ? String(details.what) : at.message,
      instance,
      operation: 0,
      outcome: 'rolled-back',
      exitCode: FAILURES[details.code].exitCode,
      now: ['nothing was touched'],
      durationMs: 0,
    };
  }
  return undefined;
}

function isFailure(value: unknown): value is DeploymentFailure {
  return typeof value === 'object' && value !== null && 'code' in value && 'exitCode' in value;
}
