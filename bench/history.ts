// How large the history of one deployment became.
import { connect } from '../client/connect.ts';
import { instanceWorkflowId } from '../domain/names.ts';
import { readAddressFile } from '../server/address-file.ts';

export interface HistorySize {
  readonly events: number;
  readonly maxPayloadBytes: number;
}

/** The latest run of the instance's workflow. */
export async function historySize(home: string, instance: string): Promise<HistorySize> {
  const server = readAddressFile(home);
  if (server === undefined) throw new Error(`no server runs in ${home}`);
  const connection = await connect({ address: server.temporalAddress, namespace: server.temporalNamespace });
  try {
    const history = await connection.client.workflow.getHandle(instanceWorkflowId(instance)).fetchHistory();
    const events = history.events ?? [];
    return { events: events.length, maxPayloadBytes: Math.max(0, ...events.map(largestPayload)) };
  } finally {
    await connection.close();
  }
}

/** Payloads are the byte arrays named `data`, however deep. */
function largestPayload(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value)) return 0;
  return Object.entries(value).reduce((most, [key, inner]) => {
    const size = key === 'data' && ArrayBuffer.isView(inner) ? inner.byteLength : largestPayload(inner);
    return Math.max(most, size);
  }, 0);
}
