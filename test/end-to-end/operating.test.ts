// docs/operating.md: each line of its table, read out of the document and run with the Temporal CLI.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Ran, TestProject, docker, runProgram, testServer, until } from '../support/command.ts';
import { IS_READY, service, services } from '../support/services.ts';

jest.setTimeout(120_000);

const PAGE = readFileSync(path.resolve(__dirname, '..', '..', 'docs', 'operating.md'), 'utf8');
/** The command of each row by what it is for. */
const ROWS = new Map(
  [...PAGE.matchAll(/^\| (.+?) +\| `(temporal .+?)` +\|$/gm)].map(([, what = '', line = '']) => [what, line]),
);
const KNOWN = {
  raise: 'raise or change',
  pause: 'pause: start nothing new',
  resume: 'go on',
  progress: 'how far it is',
  cancel: 'cancel, and take back',
  ending: 'how it ended',
  teardown: 'stop and remove everything',
} as const;

let project: TestProject;
let db: string;

beforeAll(async () => {
  project = await TestProject.make(
    'operating',
    services(
      // Ready when the test says so.
      service('db', { run: 'echo awake; exec sleep 3600', check: IS_READY }),
      service('app', { after: { db: 'service_healthy' } }),
    ),
  );
  // As the page says: once, to register folder, files and variables.
  const up = project.begin('up');
  await ready();
  const { code, stderr } = await up.ended;
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => project[Symbol.asyncDispose]());

/** The line of that row for the test's instance, changed by `edit`, in a shell that knows the address. */
function run(row: keyof typeof KNOWN, edit = (line: string): string => line): Promise<Ran> {
  const line = edit((ROWS.get(KNOWN[row]) ?? 'false').replaceAll('USA', project.instance));
  const script = `export TEMPORAL_ADDRESS=${testServer().temporalAddress}; temporal() { "$TEMPORAL_CLI" "$@"; }; ${line}`;
  return runProgram('sh', ['-c', script], project.path);
}

/** Removes what runs, so that there is something to do, and starts by the row. */
async function raise(edit?: (line: string) => string): Promise<void> {
  await project.compose('down');
  expect((await run('raise', edit)).code).toBe(0);
  db = await project.running('db');
}

async function ready(): Promise<void> {
  db = await project.running('db');
  await docker('exec', db, 'touch', '/tmp/ready');
}

/** What the query prints, once it says that. */
function progress(says: RegExp, edit?: (line: string) => string): Promise<string> {
  return until(
    `progress says ${says.source}`,
    async () => {
      const { stdout } = await run('progress', edit);
      return says.test(stdout) ? stdout : undefined;
    },
    15_000,
  );
}

const stateOfApp = async (): Promise<string> =>
  (await project.containers()).find((c) => c.service === 'app')?.state ?? 'created';

test('no row of the table is without a test', () => {
  expect([...ROWS.keys()].toSorted()).toEqual(Object.values(KNOWN).toSorted());
});

test('dive server status names the UI and the address that server.json has', async () => {
  const { temporalAddress } = testServer();
  expect(PAGE).toContain('`temporalAddress` in `server.json` of `DIVE_HOME`');
  const file = path.join(process.env.DIVE_HOME ?? '', 'server.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ temporalAddress });
  const told = await project.dive('server', 'status');
  expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/UI +http:\/\/127\.0\.0\.1:\d+/) });
});

const LOG_FLAGS = [...(/`dive logs .*$/m.exec(PAGE)?.[0] ?? '').matchAll(/`(-[^`]+)`/g)].map(([, flags = '']) => flags);

test.each(LOG_FLAGS.filter((flags) => flags !== '-f'))('dive logs %s', async (flags) => {
  const logs = await project.dive('logs', project.instance, 'db', ...flags.split(' '));
  expect(logs).toMatchObject({ code: 0, stdout: expect.stringContaining('awake') });
});

test('dive logs -f goes on', async () => {
  expect(LOG_FLAGS).toContain('-f');
  const logs = project.begin('logs', project.instance, 'db', '-f');
  await until('it shows what was said', () => logs.output().includes('awake') || undefined);
  await docker('exec', await project.running('db'), 'sh', '-c', 'echo later > /proc/1/fd/1');
  await until('it goes on', () => logs.output().includes('later') || undefined);
  logs.child.kill('SIGINT');
  await logs.ended;
});

test('raise; a second start is refused and names the run; pause starts nothing new, and it goes on to the end', async () => {
  await raise();
  const second = await run('raise');
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/already (running|started).*[0-9a-f]{8}-[0-9a-f-]{27}/is);
  expect((await run('pause')).code).toBe(0);
  await progress(/"paused": ?true/);
  await ready();
  const told = await progress(
    /\{[^{}]*"kind": ?"healthy"[^{}]*"service": ?"db"|\{[^{}]*"service": ?"db"[^{}]*"kind": ?"healthy"/,
  );
  expect(await stateOfApp()).toBe('created');
  // `since` is the seq of the last event known.
  const last = Math.max(...[...told.matchAll(/"seq": ?(\d+)/g)].map(([, seq]) => Number(seq)));
  await progress(/"events": ?null/, (line) => line.replace('"since":0', `"since":${last}`));
  expect((await run('resume')).code).toBe(0);
  const ended = await run('ending');
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/COMPLETED[\s\S]*"outcome": ?"up"/) });
  expect(await stateOfApp()).toBe('running');
});

test('cancel takes back, and it ends as Canceled', async () => {
  await raise();
  expect((await run('cancel')).code).toBe(0);
  expect(`${(await run('ending')).stdout}`).toMatch(/CANCELED/i);
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
});

test('under another id it fails at once and touches nothing', async () => {
  const before = await project.ids();
  const other = `other/${project.instance}`;
  const edit = (line: string): string => line.replace(`instance/${project.instance}`, other);
  expect((await run('raise', edit)).code).toBe(0);
  const ended = await run('ending', edit);
  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toContain(`the workflow id must be instance/${project.instance}`);
  expect(await project.ids()).toEqual(before);
});

test('a spoke is raised by deploySpoke; teardown stops and removes everything', async () => {
  await raise((line) => line.replace('deployHub', 'deploySpoke'));
  await ready();
  expect((await run('ending')).stdout).toContain('COMPLETED');
  expect((await run('teardown')).code).toBe(0);
  const ended = await run('ending');
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/COMPLETED[\s\S]*"outcome": ?"down"/) });
  expect([await project.containers(), await project.networks()]).toEqual([[], []]);
});
