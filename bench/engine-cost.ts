// What the engine needs for itself, on this machine, while nothing else runs: the part of a create and of a start that
// its events do not show.
import { connectEngine } from '../adapters/docker/connect.ts';
import { send } from '../adapters/docker/request.ts';
import { TEST_IMAGE } from '../test/support/test-image.ts';
import { recordEvents } from './engine-events.ts';
import { median } from './statistics.ts';

export interface EngineCost {
  /** The whole call that makes a network, milliseconds. */
  readonly networkMs: number;
  /** The whole create call, milliseconds. */
  readonly createMs: number;
  /** From the start call to the event that the network is connected; from there on events tell. */
  readonly startLeadMs: number;
}

const TIMES = 5;
const NETWORK = 't-bench-cost';

interface Id {
  readonly Id: string;
}

function hasId(value: unknown): value is Id {
  return typeof value === 'object' && value !== null && 'Id' in value && typeof value.Id === 'string';
}

/** Medians of five networks and five containers, made and removed one after another. */
export async function measureEngineCost(): Promise<EngineCost> {
  const engine = await connectEngine();
  const labels = { 'dive.test': 'bench' };
  const creates: number[] = [];
  const leads: number[] = [];
  const body = { Image: TEST_IMAGE, Cmd: ['sleep', '60'], Labels: labels, HostConfig: { NetworkMode: NETWORK } };
  await using record = await recordEvents();
  const makeNetwork = async (): Promise<number> => {
    const begunMs = performance.now();
    await send(engine, { method: 'POST', path: '/networks/create', body: { Name: NETWORK, Labels: labels } });
    return performance.now() - begunMs;
  };
  const removeNetwork = (): Promise<unknown> => send(engine, { method: 'DELETE', path: `/networks/${NETWORK}` });
  const networks: number[] = [];
  for (let n = 1; n < TIMES; n += 1) {
    networks.push(await makeNetwork());
    await removeNetwork();
  }
  networks.push(await makeNetwork());
  try {
    for (let n = 0; n < TIMES; n += 1) {
      const begunMs = performance.now();
      const made = await send(engine, { method: 'POST', path: '/containers/create', body });
      creates.push(performance.now() - begunMs);
      if (!hasId(made)) throw new Error('the engine gave no id');
      try {
        const calledMs = Date.now();
        await send(engine, { method: 'POST', path: `/containers/${made.Id}/start` });
        const connected = record.events.find((e) => e.action === 'connect' && e.container === made.Id);
        if (connected !== undefined) leads.push(Math.max(0, connected.atMs - calledMs));
      } finally {
        await send(engine, { method: 'DELETE', path: `/containers/${made.Id}`, query: { force: true } });
      }
    }
  } finally {
    await removeNetwork();
  }
  return {
    networkMs: median(networks),
    createMs: median(creates),
    startLeadMs: leads.length === 0 ? 0 : median(leads),
  };
}
