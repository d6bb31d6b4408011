// `dive doctor`: says what is there and what is not, starts nothing, and mends only what somebody agreed to.
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { type Ran, TestProject, temporal, until } from '../support/command.ts';
import { service } from '../support/services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

const Told = z.object({
  version: z.literal(1),
  exitCode: z.number(),
  checks: z.array(
    z.object({ id: z.string(), title: z.string(), state: z.string(), value: z.string(), next: z.string().nullable() }),
  ),
});

function checksOf(ran: Ran): Map<string, z.infer<typeof Told>['checks'][number]> {
  return new Map(Told.parse(JSON.parse(ran.stdout)).checks.map((c) => [c.id, c]));
}

test('where no server runs all is well, and none is started', async () => {
  await using home = await temporaryFolder();
  await using project = await TestProject.make('doctor', service('web'));
  const ran = await project.beginWith({ DIVE_HOME: home.path }, 'doctor', '--json').ended;
  expect(ran.code).toBe(0);
  const checks = checksOf(ran);
  for (const id of ['node', 'docker', 'disk', 'compose', 'temporal-cli', 'server', 'key', 'home', 'memory'])
    expect({ id, ...checks.get(id) }).toMatchObject({ id, value: expect.stringMatching(/\S/) });
  expect(existsSync(path.join(home.path, 'server.json'))).toBe(false);
  expect(existsSync(path.join(home.path, 'key'))).toBe(false);
});

test('an engine that does not answer is missing, with its address and what to type', async () => {
  await using home = await temporaryFolder();
  await using project = await TestProject.make('doctor-engine', service('web'));
  const wrong = { DIVE_HOME: home.path, DOCKER_HOST: `unix://${home.path}/docker.sock` };
  const ran = await project.beginWith(wrong, 'doctor').ended;
  expect(ran).toMatchObject({ code: 6, stderr: '' });
  expect(ran.stdout).toMatch(/^x Docker engine +.*docker\.sock.*: correct DOCKER_HOST$/m);
});

test('a key that others can read is mended by --fix, and only when somebody agrees', async () => {
  await using home = await temporaryFolder();
  const key = path.join(home.path, 'key');
  writeFileSync(key, 'ab'.repeat(32));
  chmodSync(key, 0o644);
  await using project = await TestProject.make('doctor-key', service('web'));
  const dive = (...args: string[]): Promise<Ran> =>
    project.beginWith({ DIVE_HOME: home.path }, 'doctor', ...args).ended;
  expect((await dive()).stdout).toMatch(/^! Key file +.*can be read by others \(644\): chmod 600/m);
  expect(await dive('--fix')).toMatchObject({ code: 7, stderr: expect.stringContaining('dive doctor --fix --yes') });
  expect(statSync(key).mode & 0o777).toBe(0o644);
  expect((await dive('--fix', '--yes')).code).toBe(0);
  expect(statSync(key).mode & 0o777).toBe(0o600);
});

test('a running server is told with its parts, and an operation that was terminated half way', async () => {
  await using project = await TestProject.make('doctor-lost', service('web', { check: 'test -f /tmp/never' }));
  const up = project.begin('up');
  await until('its container runs', async () => (await project.containers())[0]?.state === 'running' || undefined);
  await temporal('workflow', 'terminate', '-w', `instance/${project.instance}`);
  await up.ended;
  const ran = await project.dive('doctor', '--json');
  const { checks } = Told.parse(JSON.parse(ran.stdout));
  const told = checks.map((c) => `${c.id} ${c.state} ${c.value}`).join('\n');
  expect(told).toMatch(/^server ok ready, process \d+/m);
  expect(told).toMatch(/^temporal ok 127\.0\.0\.1:\d+$/m);
  expect(told).toMatch(/^postgres ok 1\d\.\d+, schema \d+$/m);
  expect(told).toMatch(new RegExp(`^lost-operation warning operation 1 of ${project.instance} was terminated`, 'm'));
  expect(ran.stdout).not.toContain('postgres://');
  expect(ran.code).toBe(0);
});
