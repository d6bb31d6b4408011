import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImages } from '../../adapters/docker/build-images.ts';
import type { Engine } from '../../adapters/docker/connect.ts';
import { engineInfo } from '../../adapters/docker/engine-info.ts';
import { eventFeed, type EngineEvent } from '../../adapters/docker/event-feed.ts';
import { execInContainer } from '../../adapters/docker/exec.ts';
import { imageExists, inspectContainer, inspectImage } from '../../adapters/docker/inspect.ts';
import { lastLogLines } from '../../adapters/docker/log-lines.ts';
import { observeProject } from '../../adapters/docker/observe.ts';
import { pullImage } from '../../adapters/docker/pull-image.ts';
import { removeContainer } from '../../adapters/docker/remove-container.ts';
import { composeCommand } from '../support/compose-command.ts';
import { TEST_IMAGE } from '../support/test-image.ts';
import { eventually, SLEEPS, testEngine, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

let engine: Engine;
let imageId: string;
beforeAll(async () => ({ engine, imageId } = await testEngine()));

test('a death is heard with its exit code, only by those who watch its project', async () => {
  await using project = new TinyProject(imageId);
  await using other = new TinyProject(imageId);
  const feed = eventFeed(engine);
  try {
    await feed.open();
    const heard: EngineEvent[] = [];
    const elsewhere: EngineEvent[] = [];
    feed.subscribe(project.name, (event) => heard.push(event));
    feed.subscribe(other.name, (event) => elsewhere.push(event));
    const id = await project.raise(engine, project.service('dies', 'exit 7'));
    const die = await eventually(() => Promise.resolve(heard.find((event) => event.action === 'die')));
    expect(die).toMatchObject({ containerId: id, project: project.name, service: 'dies', exitCode: 7 });
    await removeContainer(engine, project.change(), id);
    await eventually(() => Promise.resolve(heard.find((event) => event.action === 'destroy')));
    expect(heard.map((event) => event.action)).toEqual(['start', 'die', 'destroy']);
    expect(elsewhere).toEqual([]);
  } finally {
    await feed.close();
  }
  await expect(feed.open()).rejects.toThrow('closed');
});

test('Docker’s own health is seen in the list, by inspect and as an event', async () => {
  await using project = new TinyProject(imageId);
  const feed = eventFeed(engine);
  const heard: EngineEvent[] = [];
  feed.subscribe(project.name, (event) => heard.push(event));
  await feed.open();
  const check = { Healthcheck: { Test: ['CMD', 'true'], Interval: 3e8, Timeout: 1e9, Retries: 1 } };
  const id = await project.raise(engine, project.service('fit', SLEEPS, {}, check));
  await eventually(() => Promise.resolve(heard.some((event) => event.health === 'healthy')));
  await feed.close();
  expect((await inspectContainer(engine, id))?.health).toBe('healthy');
  expect((await observeProject(engine, project.name)).containers[0]?.health).toBe('healthy');
});

test('one-off containers of docker compose run are nobody’s replicas', async () => {
  await using project = new TinyProject(imageId);
  const web = project.service('web', SLEEPS);
  const labels = { ...web.body.Labels, 'com.docker.compose.oneoff': 'True' };
  await project.raise(engine, { ...web, body: { ...web.body, Labels: labels } });
  expect((await observeProject(engine, project.name)).containers).toEqual([]);
  expect((await observeProject(engine, project.name, { oneOffs: true })).containers).toHaveLength(1);
});

test('log lines come from both streams, without colours, with and without a terminal', async () => {
  await using project = new TinyProject(imageId);
  const script = 'echo one; echo -e "\\033[31mred\\033[0m" >&2; seq 1 40; exit 3';
  for (const [name, body] of [
    ['plain', {}],
    ['tty', { Tty: true }],
  ] as const) {
    const id = await project.raise(engine, project.service(name, script, {}, body));
    await eventually(async () => (await inspectContainer(engine, id))?.state === 'exited');
    // Two streams may pass each other on their way.
    expect(await lastLogLines(engine, id, 3)).toHaveLength(3);
    const all = await lastLogLines(engine, id, 100);
    expect(all.filter((line) => line !== 'red')).toEqual(['one', ...Array.from({ length: 40 }, (_, i) => `${i + 1}`)]);
    expect(all).toContain('red');
  }
  expect(await lastLogLines(engine, 'dive-test-no-such', 3)).toEqual([]);
});

test('a command inside gives exit code and output, within its time and size', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('web', SLEEPS, {}, { Env: ['INNER=yes'] }));
  const run = (argv: string[], timeoutMs = 5000): ReturnType<typeof execInContainer> =>
    execInContainer(engine, id, argv, { timeoutMs, env: { OUTER: 'also' } });
  expect(await run(['sh', '-c', 'echo $INNER $OUTER; echo oops >&2; exit 4'])).toEqual({
    kind: 'exited',
    exitCode: 4,
    output: expect.stringMatching(/yes also\n[^]*oops|oops[^]*yes also/),
  });
  const absent = await run(['no-such-command']);
  expect([126, 127]).toContain(absent.kind === 'exited' && absent.exitCode);
  const long = await run(['sh', '-c', 'yes | head -c 100000']);
  expect(long.kind === 'exited' && long.output.length).toBe(4096);
  const begun = Date.now();
  expect((await run(['sleep', '3'], 300)).kind).toBe('timed-out');
  expect(Date.now() - begun).toBeLessThan(2500);
});

test('commands that hang do not hold up the others', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('web', SLEEPS));
  const hanging = Array.from({ length: 3 * availableParallelism() }, () =>
    execInContainer(engine, id, ['sleep', '8'], { timeoutMs: 8000 }),
  );
  const begun = Date.now();
  expect(await execInContainer(engine, id, ['true'], { timeoutMs: 5000 })).toMatchObject({ exitCode: 0 });
  expect(Date.now() - begun).toBeLessThan(7000);
  execFileSync('docker', ['kill', id]);
  await Promise.all(hanging);
});

test('a container that cannot be asked says why', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('web', SLEEPS));
  const ask = (): ReturnType<typeof execInContainer> => execInContainer(engine, id, ['true'], { timeoutMs: 5000 });
  execFileSync('docker', ['pause', id]);
  expect(await ask()).toEqual({ kind: 'paused' });
  execFileSync('docker', ['unpause', id]);
  expect(await ask()).toMatchObject({ kind: 'exited', exitCode: 0 });
  execFileSync('docker', ['kill', id]);
  await eventually(async () => (await inspectContainer(engine, id))?.state === 'exited');
  expect(await ask()).toEqual({ kind: 'not-running' });
  await removeContainer(engine, project.change(), id);
  expect(await ask()).toEqual({ kind: 'gone' });
});

test('an image that cannot be had says so with its name', async () => {
  await expect(pullImage(engine, '127.0.0.1:1/none/x:1')).rejects.toMatchObject({
    code: 'DIVE-1208',
    message: expect.stringContaining('127.0.0.1:1/none/x:1'),
  });
  expect(await imageExists(engine, '127.0.0.1:1/none/x:1')).toBe(false);
});

test('images are looked at by name and by id', async () => {
  expect(await inspectImage(engine, TEST_IMAGE)).toEqual({
    id: imageId,
    taggedAtMs: expect.any(Number),
    hasCommand: true,
    volumes: [],
  });
  expect((await inspectImage(engine, imageId))?.id).toBe(imageId);
});

test('the engine tells its data root and the space there', async () => {
  const info = await engineInfo(engine);
  expect(info.dataRoot).toMatch(/^\//);
  expect(info.space?.totalBytes).toBeGreaterThan(info.space?.freeBytes ?? Infinity);
});

test('building runs the official builder, counts as one change, and keeps the end of what it said', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dive-build-'));
  const project = `t-build-${process.pid}`;
  try {
    mkdirSync(join(dir, 'bad'));
    writeFileSync(
      join(dir, 'compose.yaml'),
      'services:\n  good:\n    build: { context: ., labels: { dive.test: build } }\n  bad:\n    build: ./bad\n',
    );
    writeFileSync(join(dir, 'Dockerfile'), `FROM ${TEST_IMAGE}\nRUN echo made > /tmp/made\n`);
    writeFileSync(join(dir, 'bad', 'Dockerfile'), `FROM ${TEST_IMAGE}\nRUN echo so it ends && exit 9\n`);
    const lines: string[] = [];
    const request = {
      composeCommand: [...composeCommand(), '-p', project],
      cwd: dir,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
      onProgress: (line: string) => lines.push(line),
    };
    const before = engine.counts.mutate;
    await buildImages(engine, { ...request, services: ['good'] });
    expect(engine.counts.mutate).toBe(before + 1);
    expect(lines.length).toBeGreaterThan(0);
    expect(await imageExists(engine, `${project}-good`)).toBe(true);
    await expect(buildImages(engine, { ...request, services: ['bad'] })).rejects.toMatchObject({
      code: 'DIVE-1209',
      message: expect.stringContaining('bad'),
      lines: expect.arrayContaining([expect.stringContaining('exit 9')]),
    });
    const absent = { ...request, composeCommand: ['no-such-docker'], services: ['good'] };
    await expect(buildImages(engine, absent)).rejects.toMatchObject({ code: 'DIVE-1605' });
  } finally {
    rmSync(dir, { recursive: true });
    execFileSync('docker', ['rmi', '-f', `${project}-good`], { stdio: 'ignore' });
  }
});
