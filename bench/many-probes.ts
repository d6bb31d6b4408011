// A hundred services asked by HTTP at once, the slowest answering after two seconds: nobody waits for another one.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { callHttp } from '../adapters/probes/http-call.ts';

const PROBES = 100;
const SLOWEST_MS = 2_000;

/** How long all of them took, divided by the slowest answer. @throws Error when one was not answered */
export async function manyProbes(): Promise<number> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    void pause((SLOWEST_MS * asked) / PROBES).then(() => response.end('ok'));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  try {
    const begun = performance.now();
    const call = { address: { host: '127.0.0.1', port }, port, path: '/' };
    const answers = await Promise.all(Array.from({ length: PROBES }, () => callHttp(call, 10_000, undefined)));
    const tookMs = performance.now() - begun;
    const failed = answers.find((a) => a.kind === 'failed');
    if (failed) throw new Error(failed.evidence);
    return Number((tookMs / SLOWEST_MS).toFixed(3));
  } finally {
    server.close();
  }
}
