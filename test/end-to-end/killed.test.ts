// In the middle of a deployment the terminal goes, or a part of the server is killed with SIGKILL: it ends well.
import path from 'node:path';
import { TestProject, docker, resultOf, testServer, until } from '../support/command.ts';
import { TestRegistry } from '../support/registry.ts';
import { IS_READY, service, services } from '../support/services.ts';
import type { ChildName } from '../../server/address-file.ts';

jest.setTimeout(90_000);

// A server that nobody else uses: it is shot at. It ends with the test run.
process.env.DIVE_HOME = path.join(process.env.DIVE_TEST_HOME ?? '', 'killed');

/** Ready when the test says so. */
const WAITS = { run: 'exec sleep 3600', check: IS_READY };
const PROJECT = services(service('db', WAITS), service('app', { after: { db: 'service_healthy' }, check: 'true' }));

/** Kills one part while the database is awaited; gives the moment at which its successor had been started. */
async function kill(part: ChildName, meanwhile: () => Promise<unknown>): Promise<number> {
  const before = testServer().children[part] ?? 0;
  expect(before).toBeGreaterThan(0);
  process.kill(before, 'SIGKILL');
  await meanwhile();
  await until(`another ${part} is started`, () => {
    const now = testServer().children[part];
    return (now !== undefined && now !== before) || undefined;
  });
  return Date.now();
}

test('a terminal that is closed ends the command and not the deployment', async () => {
  await using project = await TestProject.make('terminal', service('db', WAITS));
  // The first command here: the server is started from that terminal, too.
  const terminal = project.beginInTerminal('up');
  const id = await project.running('db');
  terminal.kill('SIGKILL');
  await until('nobody is left of it', () => (project.processes().length === 0 ? true : undefined));
  const told = await project.dive('status');
  expect(told).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/operation \d+ is under way[\s\S]*db +core +starting/),
  });
  const watching = project.begin('watch');
  await until('watch looks on', () => watching.output().includes('db') || undefined);
  await docker('exec', id, 'touch', '/tmp/ready');
  expect(await watching.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('up') });
  expect(await project.ids()).toEqual({ [project.container('db')]: id });
  expect(await project.dive('status')).toMatchObject({ code: 0, stdout: expect.stringMatching(/ up +release 1/) });
});

test.each(['worker', 'temporal', 'postgres'] as const)('a killed %s', async (part) => {
  await using project = await TestProject.make(part, PROJECT);
  const begun = Date.now();
  const up = project.begin('up', '--json');
  const id = await project.running('db');
  // What the killed one should have seen happens while it is away.
  const back = await kill(part, () => docker('exec', id, 'touch', '/tmp/ready'));
  await project.running('app');
  expect(Date.now() - back).toBeLessThan(10_000);
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 0, exitCode: 0, outcome: 'up' });
  const names = [project.container('app'), project.container('db')];
  expect(await project.created(begun)).toEqual(names);
  expect((await project.containers()).map((c) => `${c.name} ${c.state}`)).toEqual(names.map((n) => `${n} running`));
  expect((await project.dive('status')).code).toBe(0);
});

test('a worker killed in the middle of a pull', async () => {
  await using registry = await TestRegistry.start();
  const { image } = await registry.push('shop/killed', '1');
  await using project = await TestProject.make('pull', service('app', { image }));
  registry.hold();
  const up = project.begin('up');
  await until('it is asked', () => /pulling/.test(up.output()) || undefined);
  await kill('worker', () => Promise.resolve());
  registry.goOn();
  expect(await up.ended).toMatchObject({ code: 0 });
});

test('a worker killed in the middle of a crowd', async () => {
  // More than 20 make a crowd; a chain, so that it takes its time.
  const names = Array.from({ length: 22 }, (_, n) => `s${String(n).padStart(2, '0')}`);
  const chain = names.map((name, n) =>
    service(name, n === 0 ? {} : { after: { [names[n - 1] ?? '']: 'service_started' } }),
  );
  await using project = await TestProject.make('crowd', services(...chain));
  const countRunning = async (): Promise<number> =>
    (await project.containers()).filter((c) => c.state === 'running').length;
  const begun = Date.now();
  const up = project.begin('up', '--json');
  await project.running('s02');
  const back = await kill('worker', () => Promise.resolve());
  const left = await countRunning();
  // One start may have been under way: it proves nothing.
  expect(left + 1).toBeLessThan(names.length);
  await until('it goes on', async () => ((await countRunning()) > left + 1 ? true : undefined));
  expect(Date.now() - back).toBeLessThan(10_000);
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 0, exitCode: 0, outcome: 'up' });
  expect(await project.created(begun)).toEqual(names.map((name) => project.container(name)));
  expect((await project.containers()).map((c) => c.state)).toEqual(names.map(() => 'running'));
});
