import { execFileSync } from 'node:child_process';
import type { Engine } from '../../adapters/docker/connect.ts';
import { type ExecSession, openExecSession } from '../../adapters/docker/exec-session.ts';
import { inspectContainer } from '../../adapters/docker/inspect.ts';
import { LogStir } from '../../adapters/docker/log-stir.ts';
import { RepeatedExec } from '../../adapters/probes/repeat.ts';
import { inside } from '../../activities/inside.ts';
import { eventually, SLEEPS, testEngine, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

let engine: Engine;
let imageId: string;
beforeAll(async () => ({ engine, imageId } = await testEngine()));

const { signal } = new AbortController();
const SOON = { timeoutMs: 5000, signal };
const ECHO = ['sh', '-c', 'while read -r line; do echo "$line!"; echo "$line?" >&2; done; sleep 0'];
/** The commands in the container, its own not among them. */
const processes = (id: string): number =>
  execFileSync('docker', ['top', id], { encoding: 'utf8' })
    .split('\n')
    .filter((l) => l.includes('while read')).length;

async function readUntil(session: ExecSession, wanted: RegExp): Promise<string> {
  let said = '';
  for (let piece = await session.read(); piece !== undefined; piece = await session.read()) {
    said += piece;
    if (wanted.test(said)) return said;
  }
  return `${said}(end)`;
}

test('a command is spoken to, hears when nobody is there any more, and says when it ends', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('web', SLEEPS));
  const session = await openExecSession(engine, id, ECHO, SOON);
  session?.write('one\n');
  expect(await readUntil(session!, /one![^]*one\?|one\?[^]*one!/)).toContain('one!');
  session?.write('zwei ä\n');
  expect(await readUntil(session!, /ä![^]*ä\?|ä\?[^]*ä!/)).toContain('zwei ä!');
  expect(processes(id)).toBe(1);
  session?.close();
  expect(await session?.read()).toBeUndefined();
  await eventually(() => Promise.resolve(processes(id) === 0));

  const other = await openExecSession(engine, id, ECHO, SOON);
  // The session is open before its command is there; killed before that, the engine says what became of it instead.
  other?.write('one\n');
  await readUntil(other!, /one![^]*one\?|one\?[^]*one!/);
  const reading = readUntil(other!, /never/);
  execFileSync('docker', ['kill', id]);
  expect(await reading).toBe('(end)');
});

test('where nothing can be begun there is no session', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('web', SLEEPS));
  execFileSync('docker', ['pause', id]);
  expect(await openExecSession(engine, id, ECHO, SOON)).toBeUndefined();
  execFileSync('docker', ['unpause', id]);
  const absent = await openExecSession(engine, id, ['no-such-command'], SOON);
  // Engine 20.10 says so over the connection, newer ones before.
  const said = absent === undefined ? '(end)' : await readUntil(absent, /never/);
  expect(said).toContain('(end)');
  execFileSync('docker', ['kill', id]);
  await eventually(async () => (await inspectContainer(engine, id))?.state === 'exited');
  expect(await openExecSession(engine, id, ECHO, SOON)).toBeUndefined();
  expect(await openExecSession(engine, 'dive-test-no-such', ECHO, SOON)).toBeUndefined();
});

test('a service that says that it is ready is asked at once', async () => {
  await using project = new TinyProject(imageId);
  const script = 'echo up; sleep 4; touch /tmp/ready; echo ready; sleep 600';
  const id = await project.raise(engine, project.service('web', script));
  using log = new LogStir(engine, id);
  // Waited for as long, it would rest for three seconds between two tries.
  const asking = { sinceMs: Date.now() - 300_000, deadlineMs: Date.now() + 60_000 };
  using repeated = new RepeatedExec(inside(engine, id, log), asking);
  const check = ['sh', '-c', 'test -f /tmp/ready && cat /proc/uptime'];
  const before = engine.counts.exec;
  await eventually(async () => {
    const answer = await repeated.exec(check, SOON);
    return answer.kind === 'exited' && answer.exitCode === 0;
  });
  const readyAt = Date.parse(
    execFileSync('docker', ['logs', '-t', id], { encoding: 'utf8' }).split('\n').at(1)!.split(' ')[0]!,
  );
  expect(Date.now() - readyAt).toBeLessThan(1000);
  expect(engine.counts.exec - before).toBe(2);
});
