// What the engine answers about an image in a real registry, as the set-up reads it.
import { TestRegistry } from '../support/registry.ts';

interface Answer {
  readonly verdict: string;
  readonly why: string;
}
const {
  askRegistry,
}: {
  readonly askRegistry: (image: string, socketPath: string, limitMs?: number) => Promise<Answer>;
} = require('../../scripts/images/registry.cjs');

const SOCKET = '/var/run/docker.sock';

test('a registry has it, does not know it, does not answer, and is not there', async () => {
  await using registry = await TestRegistry.start();
  const { image } = await registry.push('official/postgres', '15');
  const ask = (name: string, limitMs?: number): Promise<Answer> => askRegistry(name, SOCKET, limitMs);
  expect(await ask(image)).toMatchObject({ verdict: 'there' });
  const none = await ask(`${registry.host}/official/postgres:16`);
  expect(none).toMatchObject({ verdict: 'unknown', why: `${registry.host} answers, and does not know it (404)` });
  registry.hold();
  expect(await ask(image, 500)).toMatchObject({ verdict: 'silent' });
  await registry.kill();
  expect(await ask(image)).toMatchObject({
    verdict: 'unreachable',
    why: expect.stringContaining('connection refused'),
  });
});

test('a registry refuses it without a login', async () => {
  await using registry = await TestRegistry.start('basic');
  const { image } = await registry.push('official/postgres', '15');
  expect(await askRegistry(image, SOCKET)).toMatchObject({ verdict: 'refused' });
});
