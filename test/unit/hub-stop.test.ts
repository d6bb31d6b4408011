// How the back end of the default hub ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer as createTcpServer } from 'node:net';
import { createServer, type Server } from 'node:http';
import { resolve } from 'node:path';
import { closed } from '../../stacks/hub/backend/src/stop.ts';
import { closeListening, listen } from '../support/listening.ts';

const REPOSITORY = resolve(__dirname, '..', '..');

afterEach(closeListening);

/** Of neighbours that are not there; it gets no further than its database. */
const SETTINGS = {
  KEYCLOAK_URL: 'http://127.0.0.1:9',
  TOKEN_ISSUER: 'http://127.0.0.1:9/realms/dive',
  TOKEN_AUDIENCE: 'dive-backend',
  OPA_URL: 'http://127.0.0.1:9',
  REDIS_URL: 'redis://127.0.0.1:9',
};

async function took(work: Promise<unknown>): Promise<number> {
  const begunMs = performance.now();
  await work;
  return performance.now() - begunMs;
}

describe('closing', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/slow') setTimeout(() => response.end('done'), 300);
    });
    port = await listen(server);
  });

  test('a request under way is answered', async () => {
    const answer = fetch(`http://127.0.0.1:${port}/slow`).then((r) => r.text());
    await once(server, 'request');
    expect(await took(closed(server, 5000))).toBeLessThan(1500);
    expect(await answer).toBe('done');
  });

  test('a connection that never asks, and a request that is never answered, are cut off after the grace', async () => {
    const silent = connect(port, '127.0.0.1');
    const ended = once(silent, 'close');
    const refused = fetch(`http://127.0.0.1:${port}/never`).catch(() => 'cut off');
    await once(server, 'request');
    expect(await took(closed(server, 200))).toBeLessThan(2000);
    expect(await refused).toBe('cut off');
    await ended;
  });
});

test('SIGTERM is heard while it waits for its database', async () => {
  const mute = createTcpServer();
  const database = `postgresql://backend:none@127.0.0.1:${await listen(mute)}/documents`;
  const asked = once(mute, 'connection');
  const child = spawn(process.execPath, ['--require', './scripts/register-swc.cjs', 'stacks/hub/backend/src/main.ts'], {
    cwd: REPOSITORY,
    env: { ...process.env, ...SETTINGS, DATABASE_URL: database },
    stdio: 'ignore',
  });
  try {
    const ended = once(child, 'exit');
    await asked;
    child.kill('SIGTERM');
    // Its own end, not the signal's: the first process of a container does not die of it.
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
