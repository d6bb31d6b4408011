// Bad input: a code, a place, exit 7, nothing touched.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { TestProject, runProgram } from '../support/command.ts';
import { service, services } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

async function expectRefused(project: TestProject, ...said: (string | RegExp)[]): Promise<void> {
  for (const verb of ['plan', 'up']) {
    const ran = await project.dive(verb, '--json');
    expect({ verb, code: ran.code }).toEqual({ verb, code: 7 });
    for (const words of said) expect(ran.stdout).toMatch(words);
  }
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
}

test('two cycles at once are both shown, and nothing is made', async () => {
  const on = (name: string) => ({ after: { [name]: 'service_started' } });
  await using project = await TestProject.make(
    'cycles',
    services(service('a', on('b')), service('b', on('a')), service('x', on('y')), service('y', on('x'))),
  );
  await expectRefused(project, 'DIVE-1108', /a (→|->) b (→|->) a/, /x (→|->) y (→|->) x/);
});

test('a port that a stranger holds is refused', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const address = stranger.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    const web = service('web', { more: [`ports: ["127.0.0.1:${port}:8080"]`] });
    await using project = await TestProject.make('port', web);
    await expectRefused(project, 'DIVE-1111', String(port));
  } finally {
    stranger.close();
  }
});

test('an external network that is missing is named', async () => {
  await using project = await TestProject.make(
    'network',
    service('web', { more: ['networks: [outside]'] }),
    'networks: { outside: { external: true, name: t-nobody-made-this } }',
  );
  await expectRefused(project, 'DIVE-1003', 't-nobody-made-this');
});

test('a required variable that is missing is named', async () => {
  await using project = await TestProject.make(
    'variable',
    service('web', { more: ['environment: { KEY: "${T_NOT_SET:?say which key}" }'] }),
  );
  await expectRefused(project, 'DIVE-1103', 'T_NOT_SET');
});

test('a folder without a Compose file is told', async () => {
  await using folder = await temporaryFolder();
  const dive = require.resolve('../../dist/cli/main.js');
  const ran = await runProgram(process.execPath, [dive, 'up', '--json'], folder.path);
  expect(ran).toMatchObject({ code: 7, stdout: expect.stringContaining('DIVE-1102') });
});

test('an instance that nobody knows is told', async () => {
  await using project = await TestProject.make('unknown', service('web'));
  const ran = await project.dive('up', 'NOBODY', '--json');
  expect(ran).toMatchObject({ code: 7, stdout: expect.stringContaining('DIVE-1001') });
  expect(await project.containers()).toEqual([]);
});
