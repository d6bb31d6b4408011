// What `dive doctor` says of each thing that is broken, one at a time and for real, and what to type.
import { readFileSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { checkNode } from '../../cli/doctor/machine.ts';
import { readAddressFile } from '../../server/address-file.ts';
import { type Ran, TestProject, docker, until } from '../support/command.ts';
import { closeListening, listen } from '../support/listening.ts';
import { IS_READY, service } from '../support/services.ts';
import { TEST_IMAGE } from '../support/test-image.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(120_000);

const NOWHERE = '127.0.0.1:1';

test.each([
  ['Compose', { DIVE_COMPOSE: '/nowhere/compose' }, '/nowhere/compose does not run: correct DIVE_COMPOSE, or unset it'],
  [
    'Temporal CLI',
    { TEMPORAL_CLI: '/nowhere/temporal' },
    '/nowhere/temporal does not run: correct TEMPORAL_CLI, or unset it',
  ],
  ['Temporal', { TEMPORAL_ADDRESS: NOWHERE }, `nothing listens on ${NOWHERE}: correct TEMPORAL_ADDRESS, or unset it`],
  ['PostgreSQL', { DIVE_DATABASE_URL: `postgres://u:open-sesame@${NOWHERE}/d` }, ': correct DIVE_DATABASE_URL'],
])('%s away', async (title, broken, says) => {
  await using home = await temporaryFolder();
  await using project = await TestProject.make('doctor-away', service('web'));
  const ran = await project.beginWith({ DIVE_HOME: home.path, ...broken }, 'doctor').ended;
  const wrong = ran.stdout.split('\n').filter((line) => /^[x!]/.test(line));
  expect({ code: ran.code, wrong }).toEqual({ code: 6, wrong: [expect.stringMatching(`^x ${title} +`)] });
  expect(wrong[0]).toContain(says);
  expect(ran.stdout + ran.stderr).not.toContain('open-sesame');
});

test('a Temporal that accepts connections and says nothing is not taken for one that works', async () => {
  const at = `127.0.0.1:${await listen(createServer())}`;
  await using home = await temporaryFolder();
  await using project = await TestProject.make('doctor-mute', service('web'));
  try {
    const ran = await project.beginWith({ DIVE_HOME: home.path, TEMPORAL_ADDRESS: at }, 'doctor').ended;
    expect(ran.stdout).toMatch(
      new RegExp(
        `^x Temporal +what listens on ${at} does not answer as Temporal: .+: correct TEMPORAL_ADDRESS or`,
        'm',
      ),
    );
  } finally {
    await closeListening();
  }
});

test('a Node.js that is too old', () => {
  expect(checkNode('20.18.9')).toMatchObject({ state: 'missing', value: '20.18.9, 20.19 is needed' });
  expect(checkNode('20.19.0').state).toBe('ok');
});

test('a server killed, an image gone, a key that is another, a port taken', async () => {
  await using home = await temporaryFolder();
  // As root, PostgreSQL's own user must pass through it.
  await chmod(home.path, 0o711);
  const image = 'dive-test/doctor:1';
  await docker('tag', TEST_IMAGE, image);
  await using project = await TestProject.make('doctor-broken', service('web', { image, check: IS_READY }));
  const dive = (...args: string[]): Promise<Ran> => project.beginWith({ DIVE_HOME: home.path }, ...args).ended;
  const line = async (title: string): Promise<string | undefined> =>
    (await dive('doctor')).stdout.split('\n').find((l) => new RegExp(`^\\S ${title} +`).test(l));
  const key = path.join(home.path, 'key');
  try {
    expect((await dive('up')).code).toBe(0);
    expect(await line('Images')).toMatch(/^[^x!].*all 1 of what is raised are here/);

    process.kill(readAddressFile(home.path)?.pid ?? 0, 'SIGKILL');
    await until('it is told', async () => /^x Server +its supervisor was killed/.exec((await line('Server')) ?? ''));
    expect((await dive('doctor', '--fix', '--yes')).code).toBe(0);
    expect(await line('Server')).toContain('ready, process');

    await docker('rmi', '-f', image);
    expect(await line('Images')).toMatch(/^! .*dive-test\/doctor:1 of \S+ is not on the engine: dive up pulls it$/);

    const right = readFileSync(key, 'utf8');
    writeFileSync(key, 'cd'.repeat(32));
    expect(await line('Key')).toMatch(/^x .*encrypted with another key .*: put the right key file back$/);
    writeFileSync(key, 'no key');
    expect(await line('Key file')).toMatch(/^x .*: put the right one back from a copy$/);
    writeFileSync(key, right);
    expect(await line('Key file')).toMatch(/^[^x!]/);

    await dive('server', 'stop');
    const port = readAddressFile(home.path)?.ports.temporal ?? 0;
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(port, '127.0.0.1', resolve));
    expect(await line('Ports')).toBe(`! Ports          ${port} (temporal) taken meanwhile; others will be chosen`);
    taker.close();
  } finally {
    await dive('server', 'stop');
    await docker('rmi', '-f', image).catch(() => undefined);
  }
});
