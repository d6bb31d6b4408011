import { createServer } from 'node:http';
import { checkEngine } from '../../cli/doctor/engine.ts';
import { closeListening, listen } from '../support/listening.ts';

afterEach(closeListening);

/** Gives `host`. It never answers what begins with `stuck`. */
async function engineStuckOn(stuck: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v[\d.]+/, '');
    if (path.startsWith(stuck)) return;
    const answer = path === '/version' ? { ApiVersion: '1.41', Version: '20.10.24' } : [];
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
  });
  return `tcp://127.0.0.1:${await listen(server)}`;
}

test('an engine that tells its version and is stuck on its networks is not called well', async () => {
  const { checks } = await checkEngine({ host: await engineStuckOn('/networks') });
  expect(checks[0]).toMatchObject({
    id: 'docker',
    state: 'warning',
    value: expect.stringContaining('busy or stuck: asked for its containers and networks, no answer within 1.5 s'),
    next: expect.stringContaining('restart Docker'),
  });
});

test('an engine that tells all is well', async () => {
  const { checks } = await checkEngine({ host: await engineStuckOn('/nothing') });
  expect(checks[0]).toMatchObject({ id: 'docker', state: 'ok' });
});
