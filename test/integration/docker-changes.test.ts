import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { Engine } from '../../adapters/docker/connect.ts';
import { createContainer } from '../../adapters/docker/create-container.ts';
import { eventFeed } from '../../adapters/docker/event-feed.ts';
import { inspectContainer } from '../../adapters/docker/inspect.ts';
import { ensureNetwork, removeNetwork } from '../../adapters/docker/networks.ts';
import { observeProject } from '../../adapters/docker/observe.ts';
import { hostPortFree, portHolders } from '../../adapters/docker/ports.ts';
import { removeContainer } from '../../adapters/docker/remove-container.ts';
import { renameContainer, startContainer } from '../../adapters/docker/start-container.ts';
import { stopContainer } from '../../adapters/docker/stop-container.ts';
import { ensureVolume, removeVolume } from '../../adapters/docker/volumes.ts';
import { freePort } from '../support/listening.ts';
import { eventually, first, SLEEPS, testEngine, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

let engine: Engine;
let imageId: string;
beforeAll(async () => ({ engine, imageId } = await testEngine()));

test('a container is created, started, stopped, removed; each step may be repeated', async () => {
  await using project = new TinyProject(imageId);
  const change = project.change();
  const web = project.service('web', SLEEPS);
  const id = await createContainer(engine, change, web, first(web), project.resolved);
  expect(await createContainer(engine, change, web, first(web), project.resolved)).toBe(id);
  await startContainer(engine, change, id, web);
  await startContainer(engine, change, id, web);

  const [seen] = (await observeProject(engine, project.name)).containers;
  expect(seen).toMatchObject({ id, name: first(web).name, service: 'web', number: 1, state: 'running', imageId });
  expect(seen?.configHash).toMatch(/^[0-9a-f]{64}$/);
  expect(seen?.labels).toMatchObject({ 'dive.op': '1', 'dive.fence': '1' });

  expect(await stopContainer(engine, change, id, { timeoutS: 10 })).toBe('stopped');
  expect(await stopContainer(engine, change, id, { timeoutS: 10 })).toBe('was-stopped');
  expect(await inspectContainer(engine, id)).toMatchObject({ state: 'exited', exitCode: 0 });
  await removeContainer(engine, change, id);
  await removeContainer(engine, change, id);
  expect((await observeProject(engine, project.name)).containers).toEqual([]);
  expect(await stopContainer(engine, change, id, { timeoutS: 10 })).toBe('gone');
});

test('what ignores its stop signal is killed after its stop timeout', async () => {
  await using project = new TinyProject(imageId);
  const deaf = project.service('deaf', 'trap "" TERM; while :; do sleep 0.1; done');
  const id = await createContainer(engine, project.change(), deaf, first(deaf), project.resolved);
  await startContainer(engine, project.change(), id);
  const begun = Date.now();
  expect(await stopContainer(engine, project.change(), id, { timeoutS: 1 })).toBe('killed');
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1000);
  expect(await inspectContainer(engine, id)).toMatchObject({ state: 'exited', exitCode: 137 });
});

test('of a crowd only a few end at the same moment', async () => {
  await using project = new TinyProject(imageId);
  const services = Array.from({ length: 12 }, (_, n) =>
    project.service(`s${n}`, 'exec sleep 1000', {}, { StopSignal: 'SIGKILL' }),
  );
  const ids = await Promise.all(
    services.map((s) => createContainer(engine, project.change(), s, first(s), project.resolved)),
  );
  await Promise.all(ids.map((id) => startContainer(engine, project.change(), id)));
  const feed = eventFeed(engine);
  await feed.open();
  const asked = new Set<string>();
  const most: number[] = [];
  feed.subscribe(project.name, (event) => event.action === 'die' && asked.delete(event.containerId));
  await Promise.all(
    ids.map((id) => {
      // The guard is called for the very call that kills it.
      const guard = <T>(call: () => Promise<T>): Promise<T> => {
        asked.add(id);
        most.push(asked.size);
        return call();
      };
      return stopContainer(engine, project.change(1, { guard }), id, { timeoutS: 5 });
    }),
  );
  await feed.close();
  expect(Math.max(...most)).toBeLessThanOrEqual(5);
  for (const id of ids) expect((await inspectContainer(engine, id))?.state).toBe('exited');
});

test('a stopped container stays stopped whatever its restart policy, also out of a crash loop or a pause', async () => {
  await using project = new TinyProject(imageId);
  const always = { HostConfig: { RestartPolicy: { Name: 'always' } } };
  const loops = project.service('loops', 'exit 4', {}, always);
  const held = project.service('held', SLEEPS, {}, { ...always, StopSignal: 'SIGTERM' });
  const loopsId = await createContainer(engine, project.change(), loops, first(loops), project.resolved);
  const heldId = await createContainer(engine, project.change(), held, first(held), project.resolved);
  await startContainer(engine, project.change(), loopsId);
  await startContainer(engine, project.change(), heldId);
  await eventually(async () => ((await inspectContainer(engine, loopsId))?.restartCount ?? 0) > 1);
  execFileSync('docker', ['pause', heldId]);
  await stopContainer(engine, project.change(), loopsId, { timeoutS: 3 });
  expect(await stopContainer(engine, project.change(), heldId, { timeoutS: 3 })).toBe('stopped');
  for (const id of [loopsId, heldId]) expect((await inspectContainer(engine, id))?.state).toBe('exited');
});

test('a name taken by another operation is refused and its holder named', async () => {
  await using project = new TinyProject(imageId);
  const web = project.service('web', SLEEPS);
  const id = await createContainer(engine, project.change(1), web, first(web), project.resolved);
  const refused = createContainer(engine, project.change(2), web, first(web), project.resolved);
  await expect(refused).rejects.toMatchObject({ code: 'DIVE-1008', message: expect.stringContaining(id.slice(0, 12)) });
});

test('nothing of a newer operation or of another store is stopped or removed', async () => {
  await using project = new TinyProject(imageId);
  const web = project.service('web', SLEEPS);
  const id = await createContainer(engine, project.change(7), web, first(web), project.resolved);
  await startContainer(engine, project.change(7), id);
  await expect(stopContainer(engine, project.change(6), id, { timeoutS: 1 })).rejects.toMatchObject({
    code: 'DIVE-1506',
  });
  await expect(removeContainer(engine, project.change(6), id)).rejects.toMatchObject({ code: 'DIVE-1506' });
  const other = project.change(8, { labels: { ...project.change(8).labels, 'dive.store': 'other' } });
  await expect(removeContainer(engine, other, id)).rejects.toMatchObject({ code: 'DIVE-1008' });
  expect((await inspectContainer(engine, id))?.state).toBe('running');
});

test('a guard that refuses keeps every change away', async () => {
  await using project = new TinyProject(imageId);
  const web = project.service('web', SLEEPS);
  const id = await createContainer(engine, project.change(), web, first(web), project.resolved);
  await startContainer(engine, project.change(), id);
  const before = engine.counts.mutate;
  const fencedOff = project.change(1, { guard: () => Promise.reject(new RangeError('fenced off')) });
  const network = { key: 'n', name: `${project.name}_n`, external: false, body: { Labels: {} } };
  const all = [
    () =>
      createContainer(engine, fencedOff, project.service('more', SLEEPS), { name: 'x', number: 1 }, project.resolved),
    () => startContainer(engine, fencedOff, id, { uploads: [{ path: '/a', content: 'a', mode: 0o444 }] }),
    () => stopContainer(engine, fencedOff, id, { timeoutS: 1 }),
    () => removeContainer(engine, fencedOff, id),
    () => renameContainer(engine, fencedOff, id, `${project.name}-other`),
    () => ensureNetwork(engine, fencedOff, network),
    () => ensureVolume(engine, fencedOff, network),
  ];
  for (const attempt of all) await expect(attempt()).rejects.toThrow('fenced off');
  expect(engine.counts.mutate).toBe(before);
});

test('a port held by a process or by a container is told apart from other start failures', async () => {
  await using project = new TinyProject(imageId);
  const port = await freePort();
  const publish = {
    ExposedPorts: { '80/tcp': {} },
    HostConfig: {
      NetworkMode: 'bridge',
      PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
    },
  };
  const holder = project.service('holder', SLEEPS, {}, publish);
  const late = project.service('late', SLEEPS, {}, publish);
  const holderId = await createContainer(engine, project.change(), holder, first(holder), project.resolved);
  const lateId = await createContainer(engine, project.change(), late, first(late), project.resolved);

  const process = createServer();
  await new Promise<void>((resolve) => process.listen(port, '127.0.0.1', resolve));
  expect(await hostPortFree('127.0.0.1', port)).toBe(false);
  await expect(startContainer(engine, project.change(), holderId)).rejects.toMatchObject({ code: 'DIVE-1111' });
  await new Promise((resolve) => process.close(resolve));
  expect(await hostPortFree('127.0.0.1', port)).toBe(true);

  await startContainer(engine, project.change(), holderId);
  await expect(startContainer(engine, project.change(), lateId)).rejects.toMatchObject({ code: 'DIVE-1111' });
  expect((await portHolders(engine)).find((held) => held.hostPort === port)).toMatchObject({
    container: first(holder).name,
    project: project.name,
    service: 'holder',
    hostIp: '127.0.0.1',
  });
});

test('a command that is not there and an image that is not there have their own codes', async () => {
  await using project = new TinyProject(imageId);
  const wrong = project.service('wrong', '', {}, { Cmd: ['no-such-command'] });
  const id = await createContainer(engine, project.change(), wrong, first(wrong), project.resolved);
  await expect(startContainer(engine, project.change(), id)).rejects.toMatchObject({ code: 'DIVE-1201' });
  const none = project.service('none', '', {}, { Image: 'dive-test-absent:1' });
  await expect(createContainer(engine, project.change(), none, first(none), project.resolved)).rejects.toMatchObject({
    code: 'DIVE-1208',
  });
});

test('renaming may be repeated; a name that is taken is refused', async () => {
  await using project = new TinyProject(imageId);
  const [a, b] = [project.service('a', SLEEPS), project.service('b', SLEEPS)];
  const aId = await createContainer(engine, project.change(), a, first(a), project.resolved);
  await createContainer(engine, project.change(), b, first(b), project.resolved);
  const parked = `${first(a).name}.parked-1`;
  await renameContainer(engine, project.change(), aId, parked);
  await renameContainer(engine, project.change(), aId, parked);
  expect((await inspectContainer(engine, parked))?.id).toBe(aId);
  await expect(renameContainer(engine, project.change(), aId, first(b).name)).rejects.toMatchObject({
    code: 'DIVE-1008',
  });
});

test('files are put in with their mode and owner before each start', async () => {
  await using project = new TinyProject(imageId);
  const uploads = [
    { path: '/run/secrets/deep/token', content: 'hush', mode: 0o440 },
    { path: '/etc/app.conf', content: 'a=1\n', mode: 0o444, uid: 1000, gid: 1000 },
  ];
  const reads = project.service(
    'reads',
    'cat /run/secrets/deep/token /etc/app.conf; stat -c %a /run/secrets/deep/token; rm /etc/app.conf',
    {
      uploads,
    },
  );
  const id = await createContainer(engine, project.change(), reads, first(reads), project.resolved);
  const ends = (): Promise<unknown> => eventually(async () => (await inspectContainer(engine, id))?.state === 'exited');
  await startContainer(engine, project.change(), id, reads);
  await ends();
  await startContainer(engine, project.change(), id, reads);
  await ends();
  const log = execFileSync('docker', ['logs', id], { encoding: 'utf8' });
  expect(log.match(/husha=1/g)).toHaveLength(2);
  expect(log).toContain('440');
});

test('networks are made once, found again, and refused when they are somebody else’s', async () => {
  await using project = new TinyProject(imageId);
  const change = project.change();
  const labels = { 'com.docker.compose.project': project.name, 'com.docker.compose.network': 'back' };
  const network = { key: 'back', name: `${project.name}_back`, external: false, body: { Driver: '', Labels: labels } };
  const made = await ensureNetwork(engine, change, network);
  expect(made.created).toBe(true);
  expect(await ensureNetwork(engine, change, network)).toEqual({ ...made, created: false });
  await expect(ensureNetwork(engine, change, { ...network, key: 'front' })).rejects.toMatchObject({
    code: 'DIVE-1008',
  });
  const absent = { key: 'x', name: `${project.name}_absent`, external: true };
  await expect(ensureNetwork(engine, change, absent)).rejects.toMatchObject({ code: 'DIVE-1003' });

  // Two networks: the first by the body, the second connected before the start.
  const second = {
    ...network,
    key: 'side',
    name: `${project.name}_side`,
    body: { Labels: { ...labels, 'com.docker.compose.network': 'side' } },
  };
  await ensureNetwork(engine, change, second);
  const web = project.service(
    'web',
    SLEEPS,
    { endpoints: [network, second].map((n) => ({ network: n.name, settings: { Aliases: ['web', 'www'] } })) },
    { HostConfig: { NetworkMode: network.name } },
  );
  const id = await createContainer(engine, change, web, first(web), project.resolved);
  await startContainer(engine, change, id);
  const [seen] = (await observeProject(engine, project.name)).containers;
  expect(seen?.networks).toEqual([network.name, second.name].toSorted());
  expect(await removeNetwork(engine, change, made.id)).toBe(false);
  await stopContainer(engine, change, id, { timeoutS: 2 });
  await removeContainer(engine, change, id);
  expect(await removeNetwork(engine, change, made.id)).toBe(true);
  expect(await removeNetwork(engine, change, made.id)).toBe(true);
});

test('volumes are made once; the engine’s 201 for one of another store does not fool anybody', async () => {
  await using project = new TinyProject(imageId);
  const volume = {
    key: 'data',
    name: `${project.name}_data`,
    external: false,
    body: { Labels: { 'com.docker.compose.volume': 'data' } },
  };
  expect(await ensureVolume(engine, project.change(), volume)).toEqual({ name: volume.name, created: true });
  expect(await ensureVolume(engine, project.change(2), volume)).toEqual({ name: volume.name, created: false });
  const other = project.change(1, { labels: { ...project.change().labels, 'dive.store': 'other' } });
  await expect(ensureVolume(engine, other, volume)).rejects.toMatchObject({ code: 'DIVE-1008' });
  expect((await ensureVolume(engine, { ...other, adopt: true }, volume)).created).toBe(false);
  expect((await observeProject(engine, project.name)).volumes).toEqual([]);
  await removeVolume(engine, project.change(2), volume.name);
  await removeVolume(engine, project.change(2), volume.name);
});

test('a replacement takes over the anonymous volumes of what it replaces', async () => {
  await using project = new TinyProject(imageId);
  const mounts = { HostConfig: { Mounts: [{ Type: 'volume', Target: '/data' }] } };
  const db = project.service('db', 'cat /data/x || echo first > /data/x', {}, mounts);
  const oldId = await createContainer(engine, project.change(), db, first(db), project.resolved);
  const old = await inspectContainer(engine, oldId);
  await renameContainer(engine, project.change(), oldId, `${first(db).name}.parked-1`);
  const newId = await createContainer(engine, project.change(2), db, first(db), {
    ...project.resolved,
    inherit: old?.volumes ?? [],
  });
  expect(newId).not.toBe(oldId);
  expect(old?.volumes).toHaveLength(1);
  expect((await inspectContainer(engine, newId))?.volumes).toEqual(old?.volumes);
  // Mounted by name now, so nothing removes it with the container.
  for (const id of [oldId, newId]) await removeContainer(engine, project.change(2), id);
  for (const volume of old?.volumes ?? []) await removeVolume(engine, project.change(2), volume.name);
});
