// `dive status` names the service that is to blame, and its victims as victims.
import { z } from 'zod';
import { TestProject, asRecord, docker } from '../support/command.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

const NEEDS = 'nc -w 1 db 5000 < /dev/null';
const after = { db: 'service_healthy' };

test('one service broken under two dependants: it is SICK, they are its victims, nobody else is blamed', async () => {
  await using project = await TestProject.make(
    'victims',
    services(
      service('db', { run: 'exec httpd -f -p 5000 -h /www', check: 'nc -w 1 127.0.0.1 5000 < /dev/null' }),
      service('app', { run: READY, check: NEEDS, after }),
      service('web', { run: READY, check: NEEDS, after: { app: 'service_healthy' } }),
      service('other', { run: READY, check: IS_READY }),
    ),
  );
  expect((await project.dive('up')).code).toBe(0);
  await docker('kill', project.container('db'));

  const json = await project.dive('status', '--json');
  expect(json.code).toBe(1);
  expect(asRecord(json.stdout)).toMatchObject({
    instances: [
      {
        services: expect.arrayContaining([
          expect.objectContaining({ service: 'db', healthy: false, victimOf: null }),
          expect.objectContaining({ service: 'app', healthy: false, victimOf: 'db' }),
          expect.objectContaining({ service: 'web', healthy: false, victimOf: 'db' }),
          expect.objectContaining({ service: 'other', healthy: true, victimOf: null }),
        ]),
      },
    ],
  });
  const shown = await project.dive('status');
  expect(shown.stdout).toMatch(/^ {2}db +core +SICK +/m);
  expect(shown.stdout).toMatch(/^ {2}app +core +victim +.*of db/m);
  expect(shown.stdout).toMatch(/^ {2}web +core +victim +.*of db/m);
  expect(shown.stdout).toMatch(/^ {2}other +core +healthy/m);
});

test('who has no check and was just restarted is looked at again when running on proves it; who keeps ending is SICK', async () => {
  const ENDS = 'test -f /tmp/end && sleep 0.5 && exit 3; exec sleep 3600';
  await using project = await TestProject.make(
    'young',
    services(service('plain'), service('ends', { run: ENDS, more: ['restart: always'] })),
  );
  expect((await project.dive('up')).code).toBe(0);
  await docker('restart', '-t', '0', project.container('plain'));
  expect(await statusOf(project, 'plain')).toMatchObject({ healthy: true, evidence: 'running, no check' });

  await docker('exec', project.container('ends'), 'touch', '/tmp/end');
  await docker('restart', '-t', '0', project.container('ends'));
  expect(await statusOf(project, 'ends')).toMatchObject({ healthy: false, victimOf: null });
  expect((await project.dive('status')).code).toBe(1);
});

async function statusOf(project: TestProject, name: string): Promise<unknown> {
  const { stdout } = await project.dive('status', '--json');
  const { instances } = z
    .object({ instances: z.tuple([z.object({ services: z.array(z.looseObject({ service: z.string() })) })]) })
    .parse(asRecord(stdout));
  return instances[0].services.find((s) => s.service === name);
}
