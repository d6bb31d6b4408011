// One operation at a time, steered while it runs, and never lost.
import { TestProject, asRecord, docker, resultOf, temporal, until } from '../support/command.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

// Each has a project of its own; most of the time they wait.

/** Ready when the test says so: `docker exec … touch /tmp/ready`. */
const WAITS = { run: 'exec sleep 3600', check: IS_READY };

const workflow = (project: TestProject): string => `instance/${project.instance}`;
const makeReady = (id: string): Promise<string[]> => docker('exec', id, 'touch', '/tmp/ready');

test.concurrent('a second up exits 4 and names the holder, and what it waits for', async () => {
  await using project = await TestProject.make('locked', service('db', WAITS));
  const first = project.begin('up', '--json');
  const id = await project.running('db');
  const second = await project.dive('up', '--json');
  expect(second.code).toBe(4);
  expect(second.stdout).toMatch(/DIVE-1007.*held by operation 1.*waits for db/s);
  await makeReady(id);
  expect((await first.ended).code).toBe(0);
});

test.concurrent('a pause starts nothing new; resume, by the Temporal CLI, goes on', async () => {
  await using project = await TestProject.make(
    'pause',
    services(service('db', WAITS), service('app', { after: { db: 'service_healthy' } })),
  );
  const up = project.begin('up', '--json');
  const id = await project.running('db');
  expect((await project.dive('pause')).code).toBe(0);
  await makeReady(id);
  await until('db is healthy', () => up.output().includes('"kind":"healthy"') || undefined);
  const query = await temporal('workflow', 'query', '-w', workflow(project), '--type', 'progress', '--output', 'json');
  expect(query.stdout).toContain('paused');
  const app = (await project.containers()).find((c) => c.service === 'app');
  expect(app?.state ?? 'created').toBe('created');
  const resumed = await temporal('workflow', 'signal', '-w', workflow(project), '--name', 'resume', '--input', '{}');
  expect(resumed.code).toBe(0);
  expect((await up.ended).code).toBe(0);
  await project.running('app');
});

test.concurrent('a cancelled deployment takes back what it did and exits 5', async () => {
  await using project = await TestProject.make('cancel', service('db', WAITS));
  const up = project.begin('up', '--json');
  await project.running('db');
  expect((await project.dive('cancel')).code).toBe(0);
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 5, outcome: 'cancelled' });
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
});

test.concurrent('Ctrl-C detaches with exit 5, and the deployment goes on', async () => {
  await using project = await TestProject.make('detach', service('db', WAITS));
  const up = project.begin('up', '--json');
  const id = await project.running('db');
  up.child.kill('SIGINT');
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 5, outcome: 'detached' });
  const watching = project.begin('watch', '--json');
  await until('watch looks on', () => watching.output().includes('"service":"db"') || undefined);
  await makeReady(id);
  expect((await watching.ended).code).toBe(0);
  expect(await project.ids()).toEqual({ [project.container('db')]: id });
});

test.concurrent('after temporal workflow terminate the next up goes on from there', async () => {
  await using project = await TestProject.make('ended', service('db', WAITS));
  const up = project.begin('up', '--json');
  const id = await project.running('db');
  await temporal('workflow', 'terminate', '-w', workflow(project));
  expect((await up.ended).code).toBe(3);
  expect(await project.dive('status')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/UNFINISHED[\s\S]*dive up/),
  });
  await makeReady(id);
  const again = await project.dive('up', '--json');
  expect(resultOf(again)).toMatchObject({ exitCode: 0 });
  expect(await project.ids()).toEqual({ [project.container('db')]: id });
  const told = await project.dive('history', '--json');
  expect(told.stdout).toContain('lost');
});

test.concurrent('a start by the Temporal CLI finds folder and files of the instance', async () => {
  await using project = await TestProject.make('raw', service('db', { run: READY, check: IS_READY }));
  expect((await project.dive('up')).code).toBe(0);
  await project.compose('down');
  const started = await temporal(
    'workflow',
    'execute',
    '--type',
    'deployHub',
    '-w',
    workflow(project),
    '--task-queue',
    'dive',
    '--input',
    JSON.stringify({ instance: project.instance }),
    '--output',
    'json',
  );
  expect({ code: started.code, status: asRecord(started.stdout)['status'] }).toEqual({ code: 0, status: 'COMPLETED' });
  await project.running('db');
});

test.concurrent('a Compose file edited while the deployment runs changes nothing of it', async () => {
  const app = (colour: string): string =>
    service('app', { after: { db: 'service_healthy' }, more: [`environment: { COLOUR: ${colour} }`] });
  await using project = await TestProject.make('edited', services(service('db', { check: IS_READY }), app('blue')));
  expect((await project.dive('up')).code).toBe(0);
  const old = (await project.ids())[project.container('db')];
  // Its container is replaced, so the new one is made only when the database is ready, long after the edit.
  await project.write(services(service('db', WAITS), app('green')));
  const up = project.begin('up', '--json');
  const id = await until('db is replaced', async () => {
    const now = (await project.containers()).find((c) => c.name === project.container('db') && c.state === 'running');
    return now?.id === old ? undefined : now?.id;
  });
  await project.write(services(service('db', WAITS), app('red')));
  expect((await project.containers()).filter((c) => c.service === 'app')).toHaveLength(1);
  await makeReady(id);
  expect((await up.ended).code).toBe(0);
  const environment = await docker('inspect', '-f', '{{json .Config.Env}}', project.container('app'));
  expect(environment.join('')).toContain('COLOUR=green');
  // Red is what the file wants: the next plan says so.
  expect(await project.dive('plan')).toMatchObject({ code: 2, stdout: expect.stringContaining('recreate') });
});
