// Bad input: a code, a place, exit 7, nothing touched.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { TestProject, runProgram } from '../support/command.ts';
import { service, services } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

const REFUSED = { codes: [7, 7], unsaid: [], left: [] };

/** Plans and ups; gives the exit codes, which of the words were not said both times, and what was left. */
async function refusal(project: TestProject, ...words: (string | RegExp)[]): Promise<unknown> {
  const ran = [await project.dive('plan', '--json'), await project.dive('up', '--json')];
  return {
    codes: ran.map((r) => r.code),
    unsaid: words.filter((w) => !ran.every((r) => r.stdout.search(w) >= 0)),
    left: [...(await project.containers()), ...(await project.networks())],
  };
}

test('two cycles at once are both shown, and nothing is made', async () => {
  const on = (name: string) => ({ after: { [name]: 'service_started' } });
  await using project = await TestProject.make(
    'cycles',
    services(service('a', on('b')), service('b', on('a')), service('x', on('y')), service('y', on('x'))),
  );
  expect(await refusal(project, 'DIVE-1108', /a (→|->) b (→|->) a/, /x (→|->) y (→|->) x/)).toEqual(REFUSED);
});

test('a port that a stranger holds is refused', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const address = stranger.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    const web = service('web', { more: [`ports: ["127.0.0.1:${port}:8080"]`] });
    await using project = await TestProject.make('port', web);
    expect(await refusal(project, 'DIVE-1111', String(port))).toEqual(REFUSED);
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
  expect(await refusal(project, 'DIVE-1003', 't-nobody-made-this')).toEqual(REFUSED);
});

test('a required variable that is missing is named', async () => {
  await using project = await TestProject.make(
    'variable',
    service('web', { more: ['environment: { KEY: "${T_NOT_SET:?say which key}" }'] }),
  );
  expect(await refusal(project, 'DIVE-1103', 'T_NOT_SET')).toEqual(REFUSED);
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
