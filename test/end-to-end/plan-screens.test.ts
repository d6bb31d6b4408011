// What plan and up say to a person: who goes away and for how long, and where to reach it afterwards.
import path from 'node:path';
import { TestProject, docker, resultOf, runProgram } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(90_000);

const web = (level: string): string =>
  service('web', {
    run: 'exec httpd -f -p 8080 -h /www',
    more: ['ports: ["127.0.0.1::8080", "127.0.0.1::5432"]', `environment: { LEVEL: ${level} }`],
  });
const hidden = (level: string): string => service('hidden', { more: [`environment: { LEVEL: ${level} }`] });

test('plan names the published service that goes away; up says where it is reached, the port as the engine picked it', async () => {
  await using project = await TestProject.make('screens', services(web('one'), hidden('one')));
  expect((await project.dive('plan')).stdout).not.toContain('away');
  const up = await project.dive('up', '--json');
  const [http = ''] = await docker('port', project.container('web'), '8080');
  const [plain = ''] = await docker('port', project.container('web'), '5432');
  expect(resultOf(up)['addresses']).toEqual([
    { service: 'web', url: plain },
    { service: 'web', url: `http://${http}` },
  ]);

  await project.write(services(web('two'), hidden('two')));
  const planned = await project.dive('plan');
  expect(planned.stdout.split('\n')[0]).toMatch(/ - web is away for (under|about) \d+ s$/);
  const again = await project.dive('up');
  expect(again.stdout).toMatch(/\n {2}web +127\.0\.0\.1:\d+\n {2}web +http:\/\/127\.0\.0\.1:\d+\n/);
});

test('on a terminal that does not know its size the tree is drawn all the same', async () => {
  await using project = await TestProject.make('tree', service('one'));
  const dive = path.resolve(__dirname, '..', '..', 'dist', 'cli', 'main.js');
  const command = `stty rows 0 cols 0; exec ${process.execPath} ${dive} up`;
  const env = { ...process.env, CI: '', TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  const up = await runProgram('script', ['-qec', command, '/dev/null'], project.path, env);
  expect(up.code).toBe(0);
  expect(up.stdout).toMatch(/operation 1 · Ctrl-C detaches/);
  expect(up.stdout).toMatch(/✓.* one +healthy/);
});

test('an answer is cut and coloured for the terminal that shows it, not for the pipe that takes it', async () => {
  const name = 'a-service-whose-name-is-longer-than-its-column';
  await using project = await TestProject.make('piped', service(name));
  expect((await project.dive('up')).code).toBe(0);
  const status = `${process.execPath} ${path.resolve(__dirname, '..', '..', 'dist', 'cli', 'main.js')} status`;
  const command = `stty cols 60; ${status}; echo THEN; ${status} | cat`;
  const env = { ...process.env, CI: '', TERM: 'xterm', LC_ALL: 'C.UTF-8', NO_COLOR: undefined };
  const { stdout } = await runProgram('script', ['-qec', command, '/dev/null'], project.path, env);
  const [shown = '', piped = ''] = stdout.split('THEN');
  expect(shown).toMatch(/a-service-whose-n\.\.\. +core +.*healthy/);
  expect(shown).toContain('\u{1B}[32mhealthy');
  expect(piped).toContain(`  ${name}  core     healthy  `);
});
