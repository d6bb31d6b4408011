// The server is killed, or stopped, while somebody follows an operation: it goes on, and whoever looks on hears its end.
import { z } from 'zod';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { type Running, TestProject, asRecord, until } from '../support/command.ts';
import { service } from '../support/services.ts';

jest.setTimeout(120_000);

const SLOW = service('app', { run: 'sleep 6; touch /tmp/ready; exec sleep 3600', check: 'test -f /tmp/ready' });

const Status = z.looseObject({
  address: z.looseObject({ pid: z.number(), children: z.record(z.string(), z.number()) }),
});

/** A server of its own, for a project of its own. */
class Lost implements AsyncDisposable {
  readonly #project: TestProject;
  readonly #home: TemporaryFolder;

  private constructor(project: TestProject, home: TemporaryFolder) {
    this.#project = project;
    this.#home = home;
  }

  /** Its operation is under way: app is started, and not healthy yet. */
  static async make(name: string): Promise<{ readonly lost: Lost; readonly up: Running }> {
    const lost = new Lost(await TestProject.make(name, SLOW), await temporaryFolder());
    const up = lost.begin('up');
    await lost.#project.running('app');
    return { lost, up };
  }

  begin(...args: string[]): Running {
    return this.#project.beginWith({ DIVE_HOME: this.#home.path }, ...args);
  }

  async kill(...names: ('supervisor' | 'temporal' | 'postgres' | 'worker')[]): Promise<void> {
    const { stdout } = await this.begin('server', 'status', '--json').ended;
    const { address } = Status.parse(asRecord(stdout));
    const pids = names.map((name) => (name === 'supervisor' ? address.pid : address.children[name]));
    for (const pid of pids) {
      if (pid === undefined) throw new Error(`no process of ${names.join(', ')} in ${stdout}`);
      process.kill(pid, 'SIGKILL');
    }
  }

  ids(): Promise<Record<string, string>> {
    return this.#project.ids();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.begin('down', '--volumes').ended;
    await this.begin('server', 'stop').ended;
    await this.#project[Symbol.asyncDispose]();
    await this.#home[Symbol.asyncDispose]();
  }
}

test.each([
  ['supervisor', ['supervisor'] as const],
  ['everything', ['supervisor', 'worker', 'temporal', 'postgres'] as const],
])('whoever follows an operation starts the server again that was killed: %s', async (_what, names) => {
  const { lost, up } = await Lost.make('lost');
  await using _end = lost;
  const before = await lost.ids();
  await lost.kill(...names);
  const { code, stdout, stderr } = await up.ended;
  expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
  expect(stdout).toMatch(/ is up: 1 service healthy/);
  expect(stderr).toContain('the server was killed: starting it again');
  expect(await lost.ids()).toEqual(before);
});

test('a command waits for a PostgreSQL that is being started again', async () => {
  const { lost, up } = await Lost.make('lost-store');
  await using _end = lost;
  expect((await up.ended).code).toBe(0);
  await lost.kill('postgres');
  const { code, stdout, stderr } = await lost.begin('status').ended;
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(/app +core +healthy/) });
  expect(stderr).toContain('PostgreSQL does not answer: it is being started again');
});

test('whoever follows an operation whose server is stopped by somebody is told how it goes on', async () => {
  const { lost, up } = await Lost.make('lost-stopped');
  await using _end = lost;
  await lost.begin('server', 'stop').ended;
  const { code, stderr } = await up.ended;
  expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringMatching(/DIVE-1603[^]*dive watch/) });
  const watch = lost.begin('watch');
  await until('it goes on', () => /healthy/.test(watch.output()) || undefined, 60_000);
  expect((await watch.ended).code).toBe(0);
});
