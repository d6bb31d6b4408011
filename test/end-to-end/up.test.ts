// A small project by the command: up, again, plan, and what plain Compose thinks of it.
import { TestProject, docker, asRecord, resultOf, until } from '../support/command.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

// Each has a project of its own; most of the time they wait.

const DB = service('db', { run: `sleep 0.5; ${READY}`, check: IS_READY });
const CACHE = service('cache');
const web = (more: string[] = []): string =>
  service('web', {
    run: 'exec httpd -f -p 8080 -h /www',
    after: { db: 'service_healthy', cache: 'service_started' },
    more: ['ports: ["127.0.0.1::8080"]', ...more],
  });
const PROJECT = services(DB, CACHE, web());

test.concurrent('up raises a project that Compose takes for its own, and once more changes nothing', async () => {
  await using project = await TestProject.make('up', PROJECT);
  const planned = await project.dive('plan', '--json');
  expect(planned.code).toBe(2);

  const first = await project.dive('up', '--json');
  expect({ code: first.code, ...resultOf(first) }).toMatchObject({ code: 0, exitCode: 0, outcome: 'up', release: 1 });
  const raised = await project.containers();
  expect(raised.map((c) => `${c.service} ${c.state}`)).toEqual(['cache running', 'db running', 'web running']);
  const [published = ''] = await docker('port', project.container('web'), '8080');
  expect((await fetch(`http://${published}/`)).status).toBe(404);

  const listed = await project.compose('ps', '--services');
  expect(listed.stdout.split('\n').filter(Boolean).sort()).toEqual(['cache', 'db', 'web']);
  const again = await project.compose('up', '-d');
  expect(again.code).toBe(0);
  expect(await project.containers()).toEqual(raised);

  const second = await project.dive('up', '--json');
  expect(resultOf(second)).toMatchObject({ exitCode: 0, outcome: 'unchanged', engineCalls: { mutate: 0 }, release: 1 });
  expect(await project.containers()).toEqual(raised);
  const after = await project.dive('plan', '--json');
  expect({ code: after.code, plan: asRecord(after.stdout) }).toMatchObject({
    code: 0,
    plan: { operations: expect.not.arrayContaining([expect.objectContaining({ op: 'create' })]), errors: [] },
  });

  const down = await project.compose('down', '-v');
  expect(down.code).toBe(0);
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
});

test.concurrent('a plan makes no changing call, before and after', async () => {
  await using project = await TestProject.make('plan', service('one'));
  const before = await project.dive('plan');
  expect(before).toMatchObject({ code: 2, stdout: expect.stringContaining('create') });
  expect(before.stdout + before.stderr).toMatch(/\b0 (mutating|changing)|mutate 0/);
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
  expect((await project.dive('up')).code).toBe(0);
  expect((await project.dive('plan')).code).toBe(0);
});

test.concurrent('a project that plain Compose runs is adopted without touching a container', async () => {
  await using project = await TestProject.make('adopt', PROJECT);
  expect((await project.compose('up', '-d')).code).toBe(0);
  const raised = await project.containers();
  const up = await project.dive('up', '--json');
  expect(resultOf(up)).toMatchObject({ exitCode: 0, engineCalls: { mutate: 0 } });
  expect(await project.containers()).toEqual(raised);
});

test.concurrent('a changed service is recreated, and only that one', async () => {
  await using project = await TestProject.make('change', PROJECT);
  await project.dive('up');
  const before = await project.ids();
  await project.write(services(DB, CACHE, web(['environment: { COLOUR: green }'])));
  const up = await project.dive('up', '--json');
  expect(resultOf(up)).toMatchObject({ exitCode: 0, outcome: 'up', changed: ['web'], release: 2 });
  const after = await project.ids();
  expect(Object.keys(after)).toEqual(Object.keys(before));
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([project.container('web')]);
});

test.concurrent('dive down removes everything but the volume; with --volumes that too', async () => {
  const one = service('one', { more: ['volumes: ["data:/data"]'] });
  await using project = await TestProject.make('down', one, 'volumes: { data: {} }');
  await project.dive('up');
  const down = await project.dive('down', '--json');
  expect(resultOf(down)).toMatchObject({ exitCode: 0, outcome: 'down', volumesKept: [`${project.name}_data`] });
  expect([await project.containers(), await project.networks(), await project.volumes()]).toEqual([
    [],
    [],
    [`${project.name}_data`],
  ]);
  await project.dive('down', '--volumes');
  expect(await project.volumes()).toEqual([]);
});

test.concurrent('what docker compose down took away is told by status and mended by up', async () => {
  await using project = await TestProject.make('gone', services(DB, CACHE));
  await project.dive('up');
  await project.compose('down');
  const told = await project.dive('status', '--json');
  expect({ code: told.code, text: told.stdout }).toMatchObject({
    code: 1,
    text: expect.stringContaining('its container is gone'),
  });
  expect((await project.dive('up')).code).toBe(0);
  expect((await project.dive('status')).code).toBe(0);
  await until('both run', async () => (await project.containers()).every((c) => c.state === 'running') || undefined);
});

test.concurrent('a one-shot service runs to its end before what waits for it starts', async () => {
  const migrate = service('migrate', { run: 'sleep 0.3; echo migrated', more: ['restart: "no"'] });
  const app = service('app', { after: { migrate: 'service_completed_successfully' } });
  await using project = await TestProject.make('oneshot', services(migrate, app));
  expect((await project.dive('up')).code).toBe(0);
  expect((await project.containers()).map((c) => `${c.service} ${c.state}`)).toEqual(['app running', 'migrate exited']);
  // -d as people write it for docker compose.
  const again = await project.dive('up', '-d', '--json');
  expect(resultOf(again)).toMatchObject({ outcome: 'unchanged', engineCalls: { mutate: 0 } });
});

test.concurrent('an optional service that fails degrades, and the rest is up with exit 0', async () => {
  const extra = service('extra', {
    run: 'exit 3',
    more: ['restart: "no"', 'labels: { dive.service.class: optional }'],
  });
  const lines = extra.replace('    labels: { dive.test: end-to-end }\n', '');
  await using project = await TestProject.make('optional', services(CACHE, lines));
  const up = await project.dive('up', '--json');
  expect(resultOf(up)).toMatchObject({
    exitCode: 0,
    outcome: 'up',
    degraded: [expect.stringContaining('extra')],
  });
});

test('an optional service that stays sick is not counted as healthy when there is nothing to do', async () => {
  const extra = service('extra', {
    check: 'test -f /never',
    more: ['labels: { dive.service.class: optional }', 'x-dive: { timeout: 2s }'],
  });
  const lines = extra.replace('    labels: { dive.test: end-to-end }\n', '');
  await using project = await TestProject.make('stays-sick', services(CACHE, lines));
  expect((await project.dive('up')).stdout).toMatch(/1 service healthy[^]*degraded: extra/);
  const again = await project.dive('up');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing to do; 1 service healthy/) });
  expect(again.stdout).toContain('degraded: extra');
  const said = resultOf(await project.dive('up', '--json'));
  expect(said).toMatchObject({ services: [{ service: 'cache' }], degraded: [expect.stringContaining('extra')] });
});
