// Sick in other ways than slow: flapping and paused are told from it, by the right name.
import { TestProject, docker, resultOf, until } from '../support/command.ts';
import { IS_READY, READY, service, services } from '../support/services.ts';

jest.setTimeout(90_000);

// Each has a project of its own; most of the time they wait.

/** Not ready before any of these tests has ended. */
const SLOW = service('slow', { run: `sleep 40; ${READY}`, check: IS_READY });

// Where somebody pauses, nothing is asked by commands inside: an engine of that time stays stuck when a pause meets the
// start of a command (runc waits for its own child in the frozen group), and no client can free it.
const LISTENS = service('db', {
  run: 'exec httpd -f -p 8080 -h /www',
  more: ['ports: ["127.0.0.1::8080"]', 'x-dive: { probes: [{ tcp: { port: 8080 } }] }'],
});
/** Listens when the test says so. */
const SILENT = service('slow', {
  run: 'while ! test -f /www/now; do sleep 0.2; done; exec httpd -f -p 8080 -h /www',
  more: ['ports: ["127.0.0.1::8080"]', 'x-dive: { probes: [{ tcp: { port: 8080 } }] }'],
});

test.concurrent(
  'a service whose own check turns healthy and sick while others start is called flapping, not slow',
  async () => {
    const turns = 'while :; do touch /tmp/ready; sleep 1; rm /tmp/ready; echo lost its database; sleep 1; done';
    const check = `{ test: ["CMD-SHELL", "${IS_READY}"], interval: 300ms, retries: 1 }`;
    const flaps = service('flaps', { run: turns, more: [`healthcheck: ${check}`] });
    await using project = await TestProject.make('flaps', services(flaps, SLOW));
    const up = await project.dive('up', '--json');
    expect({ ran: up.code, ...resultOf(up) }).toMatchObject({
      ran: 1,
      code: 'DIVE-1205',
      service: 'flaps',
      outcome: 'rolled-back',
      why: expect.arrayContaining([expect.stringContaining('lost its database')]),
    });
    expect([await project.containers(), await project.networks()]).toEqual([[], []]);
  },
);

test.concurrent(
  'a check that alternates with every question is called flapping, and what ran before runs again',
  async () => {
    await using project = await TestProject.make('alternates', service('db', { check: 'true' }));
    expect((await project.dive('up')).code).toBe(0);
    const before = await project.containers();
    const count = 'n=$$(cat /tmp/n 2>/dev/null || echo 0); echo $$((n + 1)) > /tmp/n; [ $$((n % 2)) = 1 ]';
    // Docker's own first check comes after a minute: nobody else asks.
    const check = `{ test: ["CMD-SHELL", "${count}"], interval: 1m, retries: 3 }`;
    await project.write(service('db', { more: [`healthcheck: ${check}`] }));
    const up = await project.dive('up', '--json');
    expect({ ran: up.code, ...resultOf(up) }).toMatchObject({ ran: 1, code: 'DIVE-1205', service: 'db' });
    expect(await project.containers()).toEqual(before);
  },
);

test.concurrent('a container paused while its health is awaited is told from a slow one', async () => {
  await using project = await TestProject.make('paused', SILENT);
  const up = project.begin('up', '--json');
  await docker('pause', await project.running('slow'));
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 1, code: 'DIVE-1206', service: 'slow' });
  expect(await project.containers()).toEqual([]);
});

test.concurrent('a container paused after it was healthy fails the operation at once, by its own name', async () => {
  await using project = await TestProject.make('pausedlater', services(LISTENS, SILENT));
  const up = project.begin('up', '--json');
  const id = await project.running('db');
  await until('db is healthy', () => up.output().includes('"kind":"healthy"') || undefined);
  const pausedAt = Date.now();
  await docker('pause', id);
  const ended = await up.ended;
  expect({ ran: ended.code, ...resultOf(ended) }).toMatchObject({ ran: 1, code: 'DIVE-1206', service: 'db' });
  expect(resultOf(ended)['what']).toContain('paused');
  expect(Date.now() - pausedAt).toBeLessThan(15_000);
  expect(await project.containers()).toEqual([]);
});

test.concurrent('a pause of a moment, as a backup makes it, fails nothing', async () => {
  await using project = await TestProject.make('pausedbriefly', services(LISTENS, SILENT));
  const up = project.begin('up', '--json');
  const id = await project.running('db');
  await until('db is healthy', () => up.output().includes('"kind":"healthy"') || undefined);
  await docker('pause', id);
  await docker('unpause', id);
  await docker('exec', await project.running('slow'), 'touch', '/www/now');
  expect((await up.ended).code).toBe(0);
});
