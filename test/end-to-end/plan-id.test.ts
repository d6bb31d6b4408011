// A plan is good for `up --plan` whether a server ran when it was made or not.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Plan } from '../../schema/plan.ts';
import { TestProject, resultOf } from '../support/command.ts';
import { service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

test('the id of a plan made while no server runs is the one that up checks, and starts none', async () => {
  await using home = await temporaryFolder();
  const own = { DIVE_HOME: home.path };
  await using project = await TestProject.make('plan-id', service('web'));
  const planned = await project.beginWith(own, 'plan', '--json').ended;
  const { planId } = Plan.parse(JSON.parse(planned.stdout));
  expect(existsSync(path.join(home.path, 'server.json'))).toBe(false);
  try {
    await project.write(service('web', { run: 'sleep 1000' }));
    const other = await project.beginWith(own, 'up', '--plan', planId, '--json').ended;
    expect(resultOf(other)).toMatchObject({ code: 'DIVE-1009', exitCode: 7 });
    await project.write(service('web'));
    const up = await project.beginWith(own, 'up', '--plan', planId, '--json').ended;
    expect(resultOf(up)).toMatchObject({ exitCode: 0, outcome: 'up' });
  } finally {
    await project.beginWith(own, 'server', 'stop').ended;
  }
});
