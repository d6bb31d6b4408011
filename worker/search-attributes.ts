import type { NativeConnection } from '@temporalio/worker';

/** `IndexedValueType` of Temporal's API: KEYWORD and INT. */
const KEYWORD = 2;
const INT = 3;

const ATTRIBUTES = {
  DiveInstance: KEYWORD,
  DiveRole: KEYWORD,
  DiveState: KEYWORD,
  DiveErrorCode: KEYWORD,
  DiveOperation: INT,
};

/**
 * Registers what workflows write: on a Temporal that was not started by us nobody else has. Those that are there stay.
 * A server that does not allow it says so when a workflow writes the first one.
 */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(ATTRIBUTES).filter(([name]) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
}
