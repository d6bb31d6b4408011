// Why a container is replaced, in the words of the file: names of what changed, never a value.
import { Plan } from '../../schema/plan.ts';
import { TestProject, resultOf } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(90_000);

const app = (level: string, more: string[] = []): string =>
  service('app', { more: [`environment: { LEVEL: ${level}, TOKEN: ${level}-of-a-token }`, ...more] });

const causes = (stdout: string): string[] =>
  Plan.parse(JSON.parse(stdout))
    .operations.filter((o) => o.op === 'recreate')
    .map((o) => o.cause);

test('what changed since the release is named by plan and up, and the plan named is carried out', async () => {
  await using project = await TestProject.make('cause', services(app('first'), service('other')));
  expect((await project.dive('up')).code).toBe(0);
  await project.write(services(app('second', ['user: "0"']), service('other')));
  const planned = await project.dive('plan');
  expect(planned.stdout).toMatch(/recreate {2}environment LEVEL, TOKEN changed - user added/);
  expect(planned.stdout + planned.stderr).not.toContain('second-of-a-token');
  const [, id = ''] = /dive up --plan (\S+)/.exec(planned.stdout) ?? [];
  const up = await project.dive('up', '--plan', id);
  expect(up.code).toBe(0);
  expect(up.stderr).toContain('recreate: environment LEVEL, TOKEN changed - user added');
});

test('of a container that plain Compose made, the engine itself tells what changed', async () => {
  await using project = await TestProject.make('cause-compose', app('first'));
  expect((await project.compose('up', '-d')).code).toBe(0);
  await project.write(app('second', ['working_dir: /tmp', 'ports: ["127.0.0.1::8080"]']));
  const planned = await project.dive('plan', '--json');
  expect(causes(planned.stdout)).toEqual([
    expect.stringMatching(/working_dir added.* · ports 127\.0\.0\.1::8080 added.* · environment LEVEL, TOKEN changed$/),
  ]);
  expect(planned.stdout).not.toContain('of-a-token');
  expect(resultOf(await project.dive('up', '--json'))).toMatchObject({ exitCode: 0, changed: ['app'] });
});
