// `dive status` names the service that is to blame, and its victims as victims.
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
