// What fails comes back to what was; what cannot begin touches nothing.
import { TestProject, resultOf, until } from '../support/command.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

// Each has a project of its own; most of the time they wait.

const DB = service('db', { check: IS_READY });

test.concurrent(
  'a changed service that exits at once is named with its log, and the very same containers run again',
  async () => {
    await using project = await TestProject.make(
      'exits',
      services(DB, service('app', { after: { db: 'service_healthy' } })),
    );
    await project.dive('up');
    const before = await project.containers();
    // Its cause, then a stack trace: the cause is what somebody looks for.
    const trace = Array.from({ length: 15 }, (_, n) => `echo at step ${n}`).join('; ');
    const run = `echo no such table; ${trace}; exit 3`;
    await project.write(services(DB, service('app', { run, after: { db: 'service_healthy' } })));
    const up = await project.dive('up', '--json');
    expect(resultOf(up)).toMatchObject({
      exitCode: 1,
      code: 'DIVE-1202',
      service: 'app',
      outcome: 'rolled-back',
      why: expect.arrayContaining([expect.stringContaining('no such table')]),
    });
    expect(up.code).toBe(1);
    expect(await project.containers()).toEqual(before);
    await until('status is well again', async () => (await project.dive('status')).code === 0 || undefined);
  },
);

test.concurrent(
  'a changed service that never becomes healthy is named with its last answer, and the old one runs again',
  async () => {
    await using project = await TestProject.make('sick', DB);
    await project.dive('up');
    const before = await project.containers();
    await project.write(service('db', { check: 'echo disk is read-only; exit 1' }));
    const up = await project.dive('up', '--json', '--timeout', '3s');
    expect({ ran: up.code, ...resultOf(up) }).toMatchObject({ ran: 1, service: 'db', outcome: 'rolled-back' });
    expect(String(resultOf(up)['code']) + up.stdout).toMatch(/DIVE-120[45].*disk is read-only/s);
    expect(await project.containers()).toEqual(before);
  },
);

test.concurrent('without a check it is up when it ran as long as its file asks', async () => {
  // Longer than anybody waits who does not ask for it.
  const late = service('app', { run: 'sleep 3; exit 3', more: ['x-dive: { settle: 6s }'] });
  await using project = await TestProject.make('settles', late);
  const patient = await project.dive('up', '--json');
  expect(resultOf(patient)).toMatchObject({ exitCode: 1, code: 'DIVE-1202', service: 'app' });
  await project.write(service('app', { run: 'sleep 60', more: ['x-dive: { settle: 40s }'] }));
  const hasty = await project.dive('up', '--json', '--timeout', '1s');
  expect(resultOf(hasty)).toMatchObject({ exitCode: 1, code: 'DIVE-1204', service: 'app' });
  await project.write(service('app', { run: 'sleep 60', more: ['x-dive: { settle: 0s }'] }));
  const quick = await project.dive('up', '--json');
  const services = resultOf(quick)['services'];
  expect(services).toEqual([expect.objectContaining({ service: 'app', evidence: 'running, no check' })]);
  expect(Array.isArray(services) && services[0].ms).toBeLessThan(2000);
});

test.concurrent('who waits for one without a check is told what for', async () => {
  await using project = await TestProject.make(
    'patient',
    service('app', { run: 'exec sleep 60', more: ['x-dive: { settle: 8s }'] }),
  );
  const ran = await project.dive('up');
  expect(ran.stdout + ran.stderr).toMatch(/app +still not healthy after [\d.]+ s: has to run for 8 s/);
});

test.concurrent('a failed first deployment leaves nothing but its volume, and names it', async () => {
  const db = service('db', { check: IS_READY, more: ['volumes: ["data:/data"]'] });
  const app = service('app', { run: 'exit 1', after: { db: 'service_healthy' } });
  await using project = await TestProject.make('first', services(db, app), 'volumes: { data: {} }');
  const up = await project.dive('up');
  expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining(`${project.name}_data`) });
  expect([await project.containers(), await project.networks(), await project.volumes()]).toEqual([
    [],
    [],
    [`${project.name}_data`],
  ]);
});

test.concurrent('an image that cannot be had ends the change before any container is touched', async () => {
  await using project = await TestProject.make('image', DB);
  await project.dive('up');
  const before = await project.containers();
  await project.write(services(DB, service('app', { image: '127.0.0.1:9/nobody/nothing:1' })));
  const up = await project.dive('up', '--json');
  expect({ ran: up.code, ...resultOf(up) }).toMatchObject({ ran: 1, code: 'DIVE-1208', outcome: 'rolled-back' });
  expect(up.stdout).toContain('app');
  expect(await project.containers()).toEqual(before);
});

test.concurrent(
  'a container that dies after it was healthy, before the end, fails the operation by its own name',
  async () => {
    const fickle = service('fickle', {
      run: 'touch /tmp/ready; sleep 2; echo out of memory; exit 9',
      check: IS_READY,
    });
    const slow = service('slow', { run: `sleep 20; ${READY}`, check: IS_READY });
    await using project = await TestProject.make('dies', services(fickle, slow));
    const up = await project.dive('up', '--json');
    expect({ ran: up.code, ...resultOf(up) }).toMatchObject({ ran: 1, code: 'DIVE-1202', service: 'fickle' });
    expect(up.stdout).toContain('out of memory');
    expect(await project.containers()).toEqual([]);
  },
);

test('a start that the engine refuses is not said to have been taken back', async () => {
  await using project = await TestProject.make(
    'no-start',
    service('app', { more: ['entrypoint: [/no/such/program]'] }),
  );
  // Made by Compose, so that there is one to start.
  expect((await project.compose('create')).code).toBe(0);
  const before = await project.containers();
  const up = await project.dive('up');
  expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining('/no/such/program') });
  expect(up.stderr).not.toMatch(/stopped .* again/);
  expect(await project.containers()).toEqual(before);
});
