// Bad days that are nobody's fault in the files: said with the right service, the reason and what to do; as before.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asRecord, resultOf, runProgram, TestProject } from '../support/command.ts';
import { fakeMirror, type Mood } from '../support/fake-mirror.ts';
import { hubImage } from '../support/hub.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(180_000);

const WEB = service('web', { check: IS_READY });

test.each<[Mood, RegExp]>([
  ['hangs', /the registry 127\.0\.0\.1:\d+ does not answer/],
  ['502', /the registry 127\.0\.0\.1:\d+ answers wrongly \(502\)/],
  ['login page', /the registry 127\.0\.0\.1:\d+ sends something else, as a network's login page does/],
])('a registry that shows: %s', async (mood, says) => {
  await using registry = await fakeMirror(mood);
  await using project = await TestProject.make('registry', WEB);
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.containers();
  const image = `${registry.url.replace('http://', '')}/shop/api:1`;
  await project.write(services(WEB, service('api', { image, after: { web: 'service_healthy' } })));
  const up = await project.dive('up', '--json');
  const result = resultOf(up);
  expect({ ran: up.code, ...result }).toMatchObject({
    ran: 1,
    code: 'DIVE-1208',
    service: 'api',
    outcome: 'rolled-back',
  });
  expect(String(result['what'])).toContain(image);
  expect(String(result['what'])).toMatch(says);
  expect(Number(result['durationMs'])).toBeLessThan(120_000);
  expect(registry.asked).not.toEqual([]);
  expect(await project.containers()).toEqual(before);
});

/** All memory there is, a little later. */
const GREEDY = `${READY.replace('exec sleep 3600', 'sleep 1')}; exec tail /dev/zero`;

test.each([
  ['at once', 'exec tail /dev/zero', undefined],
  ['after it was healthy', GREEDY, IS_READY],
])('a container killed for its memory %s is named as that, with its limit', async (_when, run, check) => {
  const limits = ['mem_limit: 16m', 'memswap_limit: 16m'];
  const app = (command: string): string =>
    service('app', { run: command, ...(check === undefined ? {} : { check }), more: limits });
  await using project = await TestProject.make('oom', services(app(READY), WEB));
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.containers();
  const slow = service('slow', { run: `sleep 8; ${READY}`, check: IS_READY });
  await project.write(services(app(run), WEB, slow));
  const up = await project.dive('up', '--json');
  const result = resultOf(up);
  expect({ ran: up.code, ...result }).toMatchObject({
    ran: 1,
    code: 'DIVE-1202',
    service: 'app',
    outcome: 'rolled-back',
  });
  expect(result['what']).toMatch(/killed for its memory \(exit 137\)/);
  expect(up.stdout).toContain('raise the memory limit of app, which is 16 MiB');
  expect(await project.containers()).toEqual(before);
});

test('little memory left is said by plan and doctor, and reserving more than there is as well', async () => {
  await using project = await TestProject.make('memory', service('web', { more: ['mem_reservation: 9000g'] }));
  const file = path.join(project.path, 'meminfo');
  await writeFile(file, 'MemTotal:        4000000 kB\nMemFree:           90000 kB\nMemAvailable:     100000 kB\n');
  const main = path.resolve(__dirname, '..', '..', 'dist', 'cli', 'main.js');
  const poor = (verb: string) => {
    const line = `mount --bind ${file} /proc/meminfo && exec ${process.execPath} ${main} ${verb}`;
    return runProgram('unshare', ['--mount', 'sh', '-c', line], project.path);
  };
  const plan = await poor('plan --json');
  expect(plan.code).toBe(2);
  const warnings = JSON.stringify(asRecord(plan.stdout.trim())['warnings']);
  expect(warnings).toMatch(/DIVE-1114","message":"only 98 MiB of 3906 MiB of memory are left/);
  expect(warnings).toMatch(/reserve 9216000 MiB of memory, and the machine has 3906 MiB/);
  expect((await poor('plan')).stderr).toContain('only 98 MiB of 3906 MiB');
  const doctor = asRecord((await poor('doctor --json')).stdout.trim());
  expect(doctor['checks']).toContainEqual(expect.objectContaining({ id: 'memory', state: 'warning' }));
  // The machine as it is, for all but the reservation: it is said, and nothing is refused.
  const up = await project.dive('up');
  expect(up).toMatchObject({ code: 0, stderr: expect.stringContaining('reserve 9216000 MiB') });
});

describe('a volume older than the password', () => {
  const database = (image: string, password: string): string =>
    `  db:
    image: ${image}
    environment: { POSTGRES_USER: shop, POSTGRES_PASSWORD: ${password} }
    labels: { dive.test: end-to-end }
    stop_signal: SIGINT
    volumes: ['data:/var/lib/postgresql/data']
    healthcheck: { test: [CMD, pg_isready, -q, -h, 127.0.0.1, -U, shop], interval: 1s, retries: 30 }`;
  const client = (image: string, password: string): string =>
    `  api:
    image: ${image}
    entrypoint: [sh, -c]
    command: ['psql -h db -U shop -c "select 1" && exec sleep 3600']
    environment: { PGPASSWORD: ${password} }
    labels: { dive.test: end-to-end }
    stop_signal: SIGKILL
    # In place of the anonymous volume that the image asks for, and that down would rightly leave.
    tmpfs: [/var/lib/postgresql/data]
    depends_on: { db: { condition: service_healthy } }`;

  test('is the root of what its clients suffer, and of its own sickness', async () => {
    const image = await hubImage('POSTGRES_IMAGE');
    const [old, fresh] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
    await using project = await TestProject.make('old-volume', '');
    // The client is of the same image, and nobody takes it for a server.
    const all = (password: string): string => services(database(image, password), client(image, password));
    const write = (body: string): Promise<void> => project.write(body, 'volumes: { data: {} }');
    await write(all(old));
    const first = await project.dive('up');
    expect({ code: first.code, said: first.code === 0 ? '' : first.stderr }).toEqual({ code: 0, said: '' });
    expect((await project.dive('down')).code).toBe(0);

    await write(all(fresh));
    const volume = `${project.name}_data`;
    const up = await project.dive('up');
    expect(up.code).toBe(1);
    expect(up.stderr).toMatch(/api: .*DIVE-1202/);
    expect(up.stderr).toMatch(new RegExp(`root +db refuses the password: its volume ${volume} is older`));
    expect(up.stderr).toMatch(/next +put the old password back, then +dive up/);
    expect(up.stderr).not.toContain(fresh);
    expect([await project.containers(), await project.volumes()]).toEqual([[], [volume]]);

    await write(database(image, fresh));
    const alone = resultOf(await project.dive('up', '--json'));
    expect(alone).toMatchObject({ exitCode: 1, service: 'db', root: expect.stringContaining(volume) });
    expect(await project.containers()).toEqual([]);

    await write(all(old));
    expect((await project.dive('up')).code).toBe(0);
  });
});
