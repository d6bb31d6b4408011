// Networks and volumes whose definition changed: as Compose treats them, but up, or as before.
import { TestProject, asRecord, docker, resultOf, until } from '../support/command.ts';
import { service, services } from '../support/services.ts';
import { TEST_IMAGE } from '../support/test-image.ts';

jest.setTimeout(90_000);

const ICC = 'com.docker.network.bridge.enable_icc';
const OTHER = service('other');
const app = (run?: string): string =>
  service('app', { ...(run && { run }), more: ['restart: "no"', 'networks: { front: { aliases: [shop] } }'] });
const networks = (options = ''): string => `networks: { front: { ${options} }, default: {} }`;
const CHANGED = networks(`driver_opts: { ${ICC}: "false" }`);

/** All that tells one network from another but its id. */
async function definition(name: string): Promise<unknown> {
  const format = '{{json .Driver}} {{json .Options}} {{json .IPAM}} {{json .Labels}} {{.Internal}} {{.Attachable}}';
  return docker('network', 'inspect', '-f', format, name);
}

const aliases = (name: string): Promise<string[]> =>
  docker('inspect', '-f', '{{range $n, $e := .NetworkSettings.Networks}}{{$n}} {{json $e.Aliases}} {{end}}', name);

test('a network whose definition changed is made anew with those on it, and Compose agrees', async () => {
  await using project = await TestProject.make('network', services(app(), OTHER), networks());
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  await project.write(services(app(), OTHER), CHANGED);

  const planned = await project.dive('plan');
  expect(planned.code).toBe(2);
  expect(planned.stdout).toContain(`~ ${project.name}_front`);
  expect(planned.stdout).toMatch(/rebuild +network: driver_opts \S+enable_icc added/);
  expect(planned.stdout).toMatch(/app-1 +recreate +network front is made anew/);

  const up = await project.dive('up', '--json');
  expect(resultOf(up)).toMatchObject({ exitCode: 0, changed: ['app'] });
  const after = await project.ids();
  expect(after[project.container('other')]).toBe(before[project.container('other')]);
  expect(after[project.container('app')]).not.toBe(before[project.container('app')]);
  expect((await docker('network', 'inspect', '-f', '{{json .Options}}', `${project.name}_front`)).join('')).toContain(
    ICC,
  );
  expect((await project.compose('up', '-d')).code).toBe(0);
  expect(await project.ids()).toEqual(after);
});

test('when what stands on the new network fails, the old one comes back with its containers', async () => {
  await using project = await TestProject.make('network-back', services(app(), OTHER), networks());
  expect((await project.dive('up')).code).toBe(0);
  const name = `${project.name}_front`;
  const before = {
    ids: await project.ids(),
    network: await definition(name),
    aliases: await aliases(project.container('app')),
  };
  await project.write(services(app('exit 3'), OTHER), CHANGED);

  const up = await project.dive('up', '--json');
  expect(resultOf(up)).toMatchObject({ exitCode: 1, outcome: 'rolled-back', code: 'DIVE-1202' });
  expect(up.stdout).toContain(`brought back network ${name}`);
  const after = {
    ids: await project.ids(),
    network: await definition(name),
    aliases: await aliases(project.container('app')),
  };
  expect(after).toEqual(before);
  expect((await project.containers()).map((c) => c.state)).toEqual(['running', 'running']);
  await project.write(services(app(), OTHER), networks());
  expect((await project.compose('up', '-d')).code).toBe(0);
  expect(await project.ids()).toEqual(before.ids);
});

test('a network with a stranger on it is not taken away', async () => {
  await using project = await TestProject.make('stranger', app(), networks());
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  const stranger = `${project.name}-stranger`;
  const lines = [`--network=${project.name}_front`, '--label=dive.test=end-to-end', 'dive-test/busybox:1'];
  await docker('run', '-d', `--name=${stranger}`, ...lines, 'sleep', '600');
  try {
    await project.write(app(), CHANGED);
    const up = await project.dive('up');
    expect(up).toMatchObject({ code: 7, stderr: expect.stringMatching(/DIVE-1113/) });
    expect(up.stderr).toContain(stranger);
    expect(await project.ids()).toEqual(before);
    expect((await project.dive('plan', '--json')).stdout).toContain('DIVE-1113');
  } finally {
    await docker('rm', '-f', stranger);
  }
});

test('a volume whose definition changed is kept, and that is said', async () => {
  const one = service('one', { more: ['volumes: ["data:/data"]'] });
  await using project = await TestProject.make('volume', one, 'volumes: { data: {} }');
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  await docker('exec', project.container('one'), 'touch', '/data/kept');
  await project.write(one, 'volumes: { data: { labels: { colour: green } } }');
  const planned = await project.dive('plan', '--json');
  expect({ code: planned.code, plan: asRecord(planned.stdout) }).toMatchObject({
    code: 0,
    plan: { warnings: [{ path: 'volumes.data', message: expect.stringContaining('stays as it was made') }] },
  });
  expect((await project.dive('up')).stderr).toContain(`volume ${project.name}_data stays as it was made`);
  expect((await project.compose('up', '-d')).code).toBe(0);
  expect(await project.ids()).toEqual(before);
  expect(await docker('exec', project.container('one'), 'ls', '/data')).toEqual(['kept']);
});

const anonymous = (run?: string): string => service('app', { ...(run && { run }), more: ['volumes: [/data]'] });

/** Those that a container has without anybody having named them. */
async function volumesOf(container: string): Promise<string[]> {
  return docker('inspect', '-f', '{{range .Mounts}}{{println .Name}}{{end}}', container);
}

test('anonymous volumes go with down --volumes, as with Compose, and stay without', async () => {
  await using project = await TestProject.make('anonymous', services(anonymous()));
  for (const [flags, left] of [
    [[], 1],
    [['--volumes'], 0],
  ] as const) {
    expect((await project.dive('up')).code).toBe(0);
    const [volume = ''] = await volumesOf(project.container('app'));
    expect((await project.dive('down', ...flags)).code).toBe(0);
    const here = await docker('volume', 'ls', '-q', '--filter', `name=${volume}`);
    expect(here).toHaveLength(left);
    if (left > 0) await docker('volume', 'rm', volume);
  }
});

test('a failed first deployment leaves no volume that nobody can find again; a failed change keeps that of before', async () => {
  await using project = await TestProject.make('anonymous-back', services(anonymous('sleep 1; exit 3')));
  const up = project.begin('up');
  const [made = ''] = await until('its container is there', () =>
    volumesOf(project.container('app')).catch(() => undefined),
  );
  expect((await up.ended).code).toBe(1);
  expect(await docker('volume', 'ls', '-q', '--filter', `name=${made}`)).toEqual([]);

  await project.write(services(anonymous()));
  expect((await project.dive('up')).code).toBe(0);
  const kept = await volumesOf(project.container('app'));
  await project.write(services(anonymous('sleep 1; exit 3')));
  expect((await project.dive('up')).code).toBe(1);
  expect(await volumesOf(project.container('app'))).toEqual(kept);
  await docker('exec', project.container('app'), 'test', '-d', '/data');
});

const UNTIL_TOLD = 'until [ -f /tmp/end ]; do sleep 0.1; done; exit 3';

/** A container of nobody's project on the network of the project; gone with the block. */
async function stranger(project: TestProject): Promise<AsyncDisposable & { name: string; leave(): Promise<unknown> }> {
  const name = `${project.name}-stranger`;
  await docker('run', '-d', '--name', name, '--label', 'dive.test=stranger', TEST_IMAGE, 'sleep', '60');
  await docker('network', 'connect', `${project.name}_default`, name);
  return {
    name,
    leave: () => docker('network', 'disconnect', `${project.name}_default`, name),
    [Symbol.asyncDispose]: async () => void (await docker('rm', '-f', name)),
  };
}

test('down names who keeps a network from going and what frees it; then down goes through', async () => {
  await using project = await TestProject.make('held', services(service('app')));
  expect((await project.dive('up')).code).toBe(0);
  await using other = await stranger(project);
  const down = await project.dive('down');
  expect(down).toMatchObject({ code: 3, stderr: expect.stringContaining('DIVE-1504') });
  expect(down.stderr).toContain(`still there: network ${project.name}_default`);
  expect(down.stderr).toContain(`${other.name} is attached to it`);
  expect(down.stderr).toContain(`docker network disconnect ${project.name}_default ${other.name}`);
  await other.leave();
  expect((await project.dive('down')).code).toBe(0);
});

test('a first deployment that fails while a stranger holds its network says who', async () => {
  await using project = await TestProject.make(
    'held-back',
    services(service('app', { run: UNTIL_TOLD, check: 'false' })),
  );
  const up = project.begin('up');
  await project.running('app');
  await using other = await stranger(project);
  await docker('exec', project.container('app'), 'touch', '/tmp/end');
  const ended = await up.ended;
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`network ${project.name}_default: ${other.name} is attached to it`);
  expect(ended.stderr).toContain(`docker network disconnect ${project.name}_default ${other.name}`);
});
