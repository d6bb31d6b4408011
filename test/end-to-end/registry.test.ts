// Images that only a registry has: a real one, as it comes and as it goes.
import { docker, type Ran, TestProject, until } from '../support/command.ts';
import { closeListening } from '../support/listening.ts';
import { TestRegistry } from '../support/registry.ts';
import { dockerLogin, LOGIN } from '../support/registry-login.ts';
import { service, services } from '../support/services.ts';
import { slowLine } from '../support/slow-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(90_000);

let registry: TestRegistry;
beforeAll(async () => {
  registry = await TestRegistry.start();
});
afterEach(closeListening);
afterAll(async () => registry[Symbol.asyncDispose]());

const one = (image: string, more: readonly string[] = []): string => service('app', { image, more });

test('is pulled once for all that need it, is Compose’s as much as ours, and not asked for again', async () => {
  const { image } = await registry.push('shop/web', '1');
  const two = services(service('app', { image }), service('web', { image, after: { app: 'service_started' } }));
  await using project = await TestProject.make('pulls', two);
  const planned = await project.dive('plan');
  expect(planned).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/about \d+ s after the pull\n[^]*pull +not here/),
  });
  const up = await project.dive('up');
  expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('2 services healthy') });
  expect(up.stderr.match(/pulled/g)).toHaveLength(1);
  const ids = await project.ids();
  // Nobody is there to be asked.
  await registry.kill();
  expect(await project.dive('up')).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing') });
  expect((await project.compose('up', '-d')).code).toBe(0);
  expect(await project.ids()).toEqual(ids);
  await registry.begin();
});

test('named by its digest', async () => {
  const { digest } = await registry.push('shop/pinned', '1');
  await using project = await TestProject.make('digest', one(`${registry.host}/shop/pinned@${digest}`));
  expect((await project.dive('up')).code).toBe(0);
  const [running] = await docker('inspect', '-f', '{{.Config.Image}}', project.container('app'));
  expect(running).toBe(`${registry.host}/shop/pinned@${digest}`);
});

test('pull_policy: every_…: pulled again when that time has passed since it was pulled', async () => {
  const { image } = await registry.push('shop/ages', '1', 'old');
  const every = (time: string): string => one(image, [`pull_policy: every_${time}`]);
  await using project = await TestProject.make('ages', every('1h'));
  const what = async (): Promise<string[]> => docker('exec', project.container('app'), 'cat', '/what');
  expect((await project.dive('up')).code).toBe(0);
  // Docker without the containerd store does not note that it pulled: then it is our own memory that says so.
  expect((await project.dive('plan')).code).toBe(0);
  // The name is the engine's own word, too: pushing takes it away here, and with it what the engine knows of it.
  const [kept = ''] = await docker('image', 'inspect', '-f', '{{.Id}}', image);
  await registry.push('shop/ages', '1', 'new');
  await docker('tag', kept, image);
  const tooEarly = await project.dive('up');
  expect(tooEarly).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing') });
  await project.write(every('1s'));
  const due = await until('a second has passed', async () => {
    const planned = await project.dive('plan');
    return planned.code === 2 ? planned : undefined;
  });
  expect(due.stdout).toMatch(/pull +pull_policy: every_1s/);
  expect((await project.dive('up')).code).toBe(0);
  expect(await what()).toEqual(['new']);
  await project.write(every('now'));
  expect(await project.dive('plan')).toMatchObject({ code: 7, stderr: expect.stringContaining('every_now') });
});

test('pull_policy: always and --pull always take what the tag has become; without them what is here stays', async () => {
  const { image } = await registry.push('shop/moves', '1', 'old');
  await using project = await TestProject.make('moves', one(image));
  const what = async (): Promise<string[]> => docker('exec', project.container('app'), 'cat', '/what');
  expect((await project.dive('up')).code).toBe(0);
  const before = await project.ids();
  /** Pushing takes the name away here; it is given back, as it is on a machine that did not push. */
  const becomes = async (text: string): Promise<void> => {
    const [kept = ''] = await docker('image', 'inspect', '-f', '{{.Id}}', image);
    await registry.push('shop/moves', '1', text);
    await docker('tag', kept, image);
  };
  await becomes('new');
  expect((await project.dive('up')).code).toBe(0);
  expect(await project.ids()).toEqual(before);
  await project.write(one(image, ['pull_policy: always']));
  const pulled = await project.dive('up');
  expect(pulled.code).toBe(0);
  // What is left to do when it has been pulled is not to pull it.
  expect(pulled.stderr.match(/1 to pull/g)).toHaveLength(1);
  expect(await what()).toEqual(['new']);
  await project.write(one(image));
  await becomes('newest');
  expect((await project.dive('up')).code).toBe(0);
  expect(await what()).toEqual(['new']);
  const planned = await project.dive('plan', '--pull', 'always');
  expect(planned.stdout).toMatch(/pull +asked for/);
  expect((await project.dive('up', '--pull', 'always')).code).toBe(0);
  expect(await what()).toEqual(['newest']);
  const after = await project.ids();
  const again = await project.dive('up', '--pull', 'always');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/nothing new; 1 service healthy.* Release 3\n/),
  });
  expect(await project.ids()).toEqual(after);
});

test.each([
  ['a tag that it does not have', 'shop/web:none', 'has no such image'],
  ['a name that it does not have', 'shop/none:1', 'has no such image'],
])('%s is said at once, and nothing is left', async (_what, name, words) => {
  await registry.push('shop/web', '1');
  await using project = await TestProject.make('none', one(`${registry.host}/${name}`));
  const up = await project.dive('up');
  expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining(`the registry ${registry.host} ${words}`) });
  expect(up.stderr).toContain('DIVE-1208');
  // It was a clear answer.
  expect(up.stderr).not.toContain('tries again');
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
});

test('what must not be pulled is not', async () => {
  const { image } = await registry.push('shop/never', '1');
  await using project = await TestProject.make('never', one(image, ['pull_policy: never']));
  const up = await project.dive('up');
  expect(up).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${image} is not here, and must not be pulled`),
  });
  expect(up.stderr).toContain('dive up --pull missing');
  expect((await project.dive('up', '--pull', 'missing')).code).toBe(0);
  expect((await project.dive('up', '--pull', 'sometimes')).code).toBe(7);
});

describe('that asks for a login', () => {
  let closed: TestRegistry;
  let image: string;
  beforeAll(async () => {
    closed = await TestRegistry.start('basic');
    ({ image } = await closed.push('shop/web', '1'));
  });
  afterAll(async () => closed[Symbol.asyncDispose]());

  test('without one, it is said what to type; after it, the login of the command counts', async () => {
    await using project = await TestProject.make('login', one(image));
    const up = await project.dive('up');
    expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining(`${closed.host} asks for a login`) });
    expect(up.stderr).toMatch(new RegExp(`next +docker login ${closed.host}\n`));
    expect(up.stderr).not.toContain('tries again');
    // The server has long been started, without it.
    await using login = await dockerLogin(closed.host);
    const ran = await project.beginWith({ DOCKER_CONFIG: login.path }, 'up').ended;
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('healthy') });
    expect(await closed.pulled()).toEqual([image]);
    await docker('rmi', '-f', image);
  });

  test('a login that it does not take', async () => {
    await using project = await TestProject.make('refused', one(image));
    const auth = Buffer.from(`${LOGIN.user}:wrong`).toString('base64');
    await using stored = await temporaryFolder({
      'config.json': JSON.stringify({ auths: { [closed.host]: { auth } } }),
    });
    const up = await project.beginWith({ DOCKER_CONFIG: stored.path }, 'up').ended;
    const words = `${closed.host} does not take the login that is stored for it`;
    expect(up).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
    expect(up.stderr).not.toContain('wrong');
  });
});

test('that sends for a token, as hosted ones do: to nobody it shows what is public, to who is logged in all', async () => {
  await using hosted = await TestRegistry.start('token');
  const open = await hosted.push('public/web', '1');
  const closed = await hosted.push('shop/web', '1');
  await using project = await TestProject.make('token', one(open.image));
  expect((await project.dive('up')).code).toBe(0);
  await project.write(one(closed.image));
  const nobody = await project.dive('up');
  const words = `${hosted.host} has no such image, or does not show it to you`;
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
  expect(nobody.stderr).toMatch(new RegExp(`next +docker login ${hosted.host}`));
  expect(nobody.stderr).not.toContain('tries again');
  const as = async (password: string): Promise<Ran> => {
    const auth = Buffer.from(`${LOGIN.user}:${password}`).toString('base64');
    await using stored = await temporaryFolder({
      'config.json': JSON.stringify({ auths: { [hosted.host]: { auth } } }),
    });
    return await project.beginWith({ DOCKER_CONFIG: stored.path }, 'up').ended;
  };
  const wrong = `${hosted.host} has no such image, or does not show it to the login that is stored for it`;
  expect(await as('wrong')).toMatchObject({ code: 1, stderr: expect.stringContaining(wrong) });
  expect(await as(LOGIN.password)).toMatchObject({ code: 0 });
});

describe('in the middle of a pull', () => {
  const pulling = /pulling|asks 127/;
  afterEach(() => registry.goOn());

  /** Layers and bytes, as they come. */
  const ONE_OF_FOUR = /1 of 2 layers, [1-3] of 4 MB/;

  test('how far it is can be seen', async () => {
    const { image } = await registry.push('slow/seen', '1');
    const line = await slowLine(registry.host, 1_500_000);
    await using project = await TestProject.make('seen', one(image.replace(registry.host, line.host)));
    const up = await project.dive('up');
    expect(up).toMatchObject({ code: 0, stderr: expect.stringMatching(ONE_OF_FOUR) });
    await docker('rmi', '-f', image.replace(registry.host, line.host));
  });

  test('a connection that breaks off costs a moment', async () => {
    const { image } = await registry.push('slow/breaks', '1');
    const line = await slowLine(registry.host, 1_000_000);
    await using project = await TestProject.make('breaks', one(image.replace(registry.host, line.host)));
    const up = project.begin('up');
    await until('bytes have come', () => ONE_OF_FOUR.test(up.output()) || undefined);
    line.breakOff();
    expect(await up.ended).toMatchObject({ code: 0 });
    await docker('rmi', '-f', image.replace(registry.host, line.host));
  });

  test('a registry that is started anew is asked again', async () => {
    const { image } = await registry.push('shop/again', '1');
    await using project = await TestProject.make('again', one(image));
    registry.hold();
    const up = project.begin('up');
    await until('it is asked', () => pulling.test(up.output()) || undefined);
    await registry.kill();
    await until('it is told', () => /tries again/.test(up.output()) || undefined);
    await registry.begin();
    expect(await up.ended).toMatchObject({ code: 0 });
  });

  test('cancelled, it ends at once and nothing is left', async () => {
    const { image } = await registry.push('shop/cancelled', '1');
    await using project = await TestProject.make('pull-cancelled', one(image));
    registry.hold();
    const up = project.begin('up');
    await until('it is asked', () => pulling.test(up.output()) || undefined);
    const from = Date.now();
    expect((await project.dive('cancel')).code).toBe(0);
    expect((await up.ended).code).toBe(5);
    expect(Date.now() - from).toBeLessThan(10_000);
    registry.goOn();
    expect([await project.containers(), await registry.pulled()]).toEqual([[], expect.not.arrayContaining([image])]);
  });
});
