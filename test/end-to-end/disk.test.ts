// A full disk is seen before anything is made: an engine of its own, whose data lie on a small file system.
import path from 'node:path';
import { TestProject, asRecord } from '../support/command.ts';
import { startSecondEngine } from '../support/second-engine.ts';
import { service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

test('less than a gigabyte free where the engine keeps its data is refused, and said how much', async () => {
  const engine = await startSecondEngine({ dataMb: 600 });
  // A server of its own: its worker speaks to that engine.
  await using home = await temporaryFolder();
  try {
    await using project = await TestProject.make('disk', service('web'));
    const there = { DOCKER_HOST: `unix://${engine.socket}`, DIVE_HOME: home.path };
    const plan = await project.beginWith(there, 'plan').ended;
    const data = path.join(path.dirname(engine.socket), 'data');
    expect(plan).toMatchObject({ code: 7, stderr: expect.stringContaining('DIVE-1112') });
    expect(plan.stderr).toMatch(new RegExp(`only 0\\.\\d GB of 0\\.6 GB are free on ${data}`));
    expect(plan.stderr).toMatch(/now +nothing was touched\n {2}next +.*docker system df/);
    const up = await project.beginWith(there, 'up', '--json').ended;
    expect(up.code).toBe(7);
    expect(asRecord(up.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ code: 'DIVE-1112', exitCode: 7 });
    const doctor = await project.beginWith(there, 'doctor').ended;
    expect(doctor).toMatchObject({
      code: 6,
      stdout: expect.stringMatching(/^x Disk +.* free on .*: docker system df/m),
    });
    await project.beginWith(there, 'server', 'stop').ended;
  } finally {
    await engine.stop();
  }
});
