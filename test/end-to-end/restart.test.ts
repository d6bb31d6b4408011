// `depends_on` with `restart: true`: who depends on a recreated service is restarted, the same container.
import { TestProject, docker, resultOf } from '../support/command.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

const db = (level: string): string =>
  service('db', { run: READY, check: IS_READY, more: [`environment: { LEVEL: ${level} }`] });
const WEB = service('web', {
  run: READY,
  check: IS_READY,
  more: ['depends_on: { db: { condition: service_healthy, restart: true } }'],
});

test('is said by plan and carried out: same container, started anew, and Compose has nothing to do', async () => {
  await using project = await TestProject.make('restart', services(db('one'), WEB));
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  const started = (): Promise<string[]> => docker('inspect', '-f', '{{.State.StartedAt}}', project.container('web'));
  const first = await started();
  await project.write(services(db('two'), WEB));
  const planned = await project.dive('plan');
  expect(planned.stdout).toMatch(/@ \S+-web-1 +restart +depends on db with restart: true/);
  const up = await project.dive('up', '--json');
  expect({ ...resultOf(up), stderr: up.stderr }).toMatchObject({ exitCode: 0, changed: ['db', 'web'] });
  expect((await project.ids())[project.container('web')]).toBe(before[project.container('web')]);
  expect(await started()).not.toEqual(first);
});

/** Healthy only from its second start on. */
const SECOND = 'test -e /tmp/again && touch /tmp/ready; touch /tmp/again; exec sleep 3600';
const again = (remediation: string): string =>
  service('again', {
    run: SECOND,
    check: IS_READY,
    more: [`x-dive: { timeout: 2s, remediation: ${remediation} }`],
  });

test('x-dive.remediation: restart gives a service that stays sick one more try', async () => {
  await using project = await TestProject.make('remedy', again('restart'));
  const up = resultOf(await project.dive('up', '--json'));
  expect(up).toMatchObject({ exitCode: 0, services: [{ evidence: expect.stringContaining('passes') }] });
  expect(await docker('exec', project.container('again'), 'ls', '/tmp/ready')).toEqual(['/tmp/ready']);
  expect((await project.dive('status')).code).toBe(0);
});

test('without it the operation fails at its first time-out; with it after one restart, not more', async () => {
  await using project = await TestProject.make('no-remedy', again('none'));
  expect(resultOf(await project.dive('up', '--json'))).toMatchObject({ exitCode: 1, code: 'DIVE-1204' });
  const never = { run: 'echo start >> /data/starts; exec sleep 3600', check: IS_READY };
  const more = ['volumes: ["data:/data"]', 'x-dive: { timeout: 2s, remediation: restart }'];
  await project.write(service('never', { ...never, more }), 'volumes: { data: {} }');
  const up = resultOf(await project.dive('up', '--json', '--keep-failed'));
  expect(up).toMatchObject({ code: 'DIVE-1204', what: expect.stringContaining('one restart did not help') });
  expect(await docker('exec', project.container('never'), 'cat', '/data/starts')).toEqual(['start', 'start']);
});

test('one that fell sick since is restarted by the next dive up that finds nothing else to do, and that is said', async () => {
  const more = ['x-dive: { timeout: 2s, remediation: restart }'];
  await using project = await TestProject.make(
    'remedy-later',
    services(service('db', { run: READY, check: IS_READY, more }), service('other', { run: READY, check: IS_READY })),
  );
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  await docker('exec', project.container('db'), 'rm', '/tmp/ready');
  const up = await project.dive('up');
  expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('restarted db, which did not answer well') });
  expect(await project.ids()).toEqual(before);
  expect((await project.dive('status')).code).toBe(0);
});
