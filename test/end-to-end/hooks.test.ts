// `post_start` and `pre_stop`, which Compose's own client runs: in the container, after its start and before its stop.
import { TestProject, docker, resultOf } from '../support/command.ts';
import { READY, service } from '../support/services.ts';

jest.setTimeout(90_000);

const note = (word: string): string => JSON.stringify(['sh', '-c', `echo ${word} >> /data/log`]);
const app = (more: string[], run = READY): string =>
  service('app', { run, more: ['restart: "no"', 'volumes: ["data:/data"]', ...more] });
const VOLUME = 'volumes: { data: {} }';
const log = (project: TestProject): Promise<string[]> => docker('exec', project.container('app'), 'cat', '/data/log');

test('run once a start, in order, as they are written, and before the container goes', async () => {
  const hooks = [
    `post_start: [{ command: ${note('$$WHO in $$(pwd)')}, working_dir: /tmp, environment: { WHO: first } }, { command: ${note('second')} }]`,
    `pre_stop: [{ command: ${note('stopping')} }]`,
  ];
  await using project = await TestProject.make('hooks', app(hooks), VOLUME);
  expect(resultOf(await project.dive('up', '--json'))).toMatchObject({ exitCode: 0 });
  expect(await log(project)).toEqual(['first in /tmp', 'second']);
  expect(resultOf(await project.dive('up', '--json'))).toMatchObject({
    outcome: 'unchanged',
    engineCalls: { mutate: 0 },
  });
  const ids = await project.ids();
  expect((await project.compose('up', '-d')).code).toBe(0);
  expect(await project.ids()).toEqual(ids);
  await project.write(app([...hooks, 'environment: { LEVEL: new }']), VOLUME);
  expect((await project.dive('up')).code).toBe(0);
  expect(await log(project)).toEqual(['first in /tmp', 'second', 'stopping', 'first in /tmp', 'second']);
});

test('one that fails fails the start, shows what it said, and what ran before comes back', async () => {
  await using project = await TestProject.make(
    'hook-fails',
    app([`post_start: [{ command: ${note('old')} }]`]),
    VOLUME,
  );
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  const failing = JSON.stringify(['sh', '-c', 'echo no licence found; exit 3']);
  await project.write(app([`post_start: [{ command: ${failing} }]`]), VOLUME);
  const up = await project.dive('up');
  expect(up.code).toBe(1);
  expect(up.stderr).toMatch(/post_start 1 of app exited 3 +DIVE-1201/);
  expect(up.stderr).toContain('no licence found');
  expect(await project.ids()).toEqual(before);
  // Started again, so its own command ran again.
  expect(await log(project)).toEqual(['old', 'old']);
});
