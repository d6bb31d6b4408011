// The plan of an instance on a site that this process cannot reach itself.
import { randomUUID } from 'node:crypto';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { Inspection } from '../domain/deployment.ts';
import type { FailureCode } from '../domain/failures.ts';
import { DIVE_TASK_QUEUE, inspectWorkflowId } from '../domain/names.ts';
import type { InspectInput } from '../schema/inputs.ts';
import { failureIn } from './operations.ts';

export class InspectionError extends Error {
  override readonly name = 'InspectionError';
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Asks the site's worker; changes nothing. @throws InspectionError, e.g. DIVE-1604 when no worker of the site answers */
export async function inspectInstance(client: Client, input: InspectInput): Promise<Inspection> {
  const handle = await client.workflow.start<(given: unknown) => Promise<Inspection>>('inspect', {
    workflowId: inspectWorkflowId(input.instance, randomUUID()),
    taskQueue: DIVE_TASK_QUEUE,
    args: [input],
    staticSummary: `plan of ${input.instance} on site ${input.site}`,
  });
  try {
    return await handle.result();
  } catch (error) {
    const failure = error instanceof WorkflowFailedError ? failureIn(error.cause, input.instance) : undefined;
    if (failure === undefined) throw error;
    throw new InspectionError(failure.code, failure.what);
  }
}
