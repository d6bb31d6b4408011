import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine } from '../../adapters/docker/connect.ts';
import { eventFeed, type EngineEvent } from '../../adapters/docker/event-feed.ts';

let dir: string;
let server: Server;
let streams: { url: string; response: ServerResponse }[];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dive-events-'));
  streams = [];
  server = createServer((request, response) => {
    if (request.url === '/version') return void response.end(JSON.stringify({ ApiVersion: '1.41', Version: '20' }));
    streams.push({ url: decodeURIComponent(request.url ?? ''), response });
    response.flushHeaders();
  });
  await new Promise<void>((resolve) => server.listen(join(dir, 'engine.sock'), resolve));
});
afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  rmSync(dir, { recursive: true });
});

function line(action: string, id: string, timeMs: number, attributes: Record<string, string> = {}): string {
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
  const actor = { ID: id, Attributes: { ...labels, ...attributes } };
  return `${JSON.stringify({ Action: action, Actor: actor, time: Math.floor(timeMs / 1000), timeNano: timeMs * 1e6 })}\n`;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a broken stream is opened again from where it broke; nothing is told twice', async () => {
  const feed = eventFeed(await connectEngine({ host: `unix://${join(dir, 'engine.sock')}` }));
  const heard: EngineEvent[] = [];
  try {
    feed.subscribe('shop', (event) => heard.push(event));
    await feed.open();
    const start = line('start', 'a', 5000_100);
    streams[0]?.response.write(start.slice(0, 30));
    streams[0]?.response.write(`${start.slice(30)}${line('exec_die', 'a', 5000_150)}no json\n`);
    await until(() => heard.length === 1);
    streams[0]?.response.destroy();
    await until(() => streams.length === 2);
    await feed.open();
    expect(streams[1]?.url).toContain('since=5000');
    streams[1]?.response.write(`${start}${line('die', 'a', 5000_200, { exitCode: '137' })}`);
    streams[1]?.response.write(line('health_status: unhealthy', 'b', 5001_000));
    await until(() => heard.length === 4);
    expect(heard.map((event) => event.action)).toEqual(['start', 'reconnected', 'die', 'health_status']);
    expect(heard[2]).toMatchObject({ containerId: 'a', exitCode: 137, service: 'web', timeMs: 5000_200 });
    expect(heard[3]).toMatchObject({ containerId: 'b', health: 'unhealthy' });
  } finally {
    await feed.close();
  }
});

test('who has unsubscribed hears no more', async () => {
  const feed = eventFeed(await connectEngine({ host: `unix://${join(dir, 'engine.sock')}` }));
  const [stays, leaves]: [string[], string[]] = [[], []];
  try {
    feed.subscribe('shop', (event) => stays.push(event.action));
    const leave = feed.subscribe('shop', (event) => leaves.push(event.action));
    await feed.open();
    leave();
    streams[0]?.response.write(line('oom', 'a', 1000));
    await until(() => stays.length === 1);
    expect(leaves).toEqual([]);
  } finally {
    await feed.close();
  }
});
