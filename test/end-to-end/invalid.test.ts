// Bad input: a code, a place, what to do, exit 7, nothing touched; by `plan` and by `up`, for people and for programs.
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { TestProject, asRecord, docker } from '../support/command.ts';
import { service, services } from '../support/services.ts';

jest.setTimeout(90_000);

interface Row {
  readonly services?: string;
  readonly rest?: string;
  /** More files, whole. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly code: string;
  /** `compose.yaml:5`, without the folder. */
  readonly at?: string;
  readonly says: readonly (string | RegExp)[];
}

const on = (name: string) => ({ after: { [name]: 'service_started' } });
/** The third line of the file is the name of the first service, so `more` begins in line 8. */
const web = (...more: string[]): string => service('web', { more });
const topology = (rest: string): string => `version: 1\nhub: { code: USA, compose: compose.yaml }\n${rest}`;

const ROWS: Readonly<Record<string, Row>> = {
  'a Compose file that is no YAML': {
    files: { 'compose.yaml': 'services:\n  web:\n    image: "x\n' },
    code: 'DIVE-1101',
    at: 'compose.yaml:4',
    says: [],
  },
  'a dive.yaml that is no YAML': {
    files: { 'dive.yaml': 'version: 1\nhub: { code: USA\n' },
    code: 'DIVE-1101',
    at: 'dive.yaml:',
    says: [],
  },
  'a field of dive.yaml that nobody knows': {
    files: { 'dive.yaml': topology('polices: {}\n') },
    code: 'DIVE-1104',
    at: 'dive.yaml:3',
    says: ['polices'],
  },
  'an instance that dive.yaml has not': {
    files: { 'dive.yaml': topology('') },
    args: ['NOBODY'],
    code: 'DIVE-1001',
    at: 'dive.yaml',
    says: ['NOBODY', 'USA'],
  },
  'two instances of one Compose project': {
    files: { 'dive.yaml': topology('spokes: [{ code: FRA, compose: compose.yaml }]\n') },
    code: 'DIVE-1104',
    at: 'dive.yaml',
    says: ['FRA and USA would both be the Compose project', 'leave out name:'],
  },
  'an instance by another name than the folder’s project': {
    args: ['constructor'],
    code: 'DIVE-1001',
    says: ['constructor'],
  },
  'a Compose file that dive.yaml names and nobody wrote': {
    files: { 'dive.yaml': 'version: 1\nhub: { code: USA, compose: gone/compose.yaml }\n' },
    code: 'DIVE-1102',
    at: 'gone/compose.yaml',
    says: [],
  },
  'a Compose file that the call names and nobody wrote': {
    args: ['-f', 'gone.yaml'],
    code: 'DIVE-1102',
    at: 'gone.yaml',
    says: [],
  },
  'a required variable that is not set': {
    services: web('environment:', '  KEY: "${T_NOT_SET:?say which key}"'),
    code: 'DIVE-1103',
    at: 'compose.yaml:9',
    says: ['T_NOT_SET'],
  },
  'an unknown field of x-dive': {
    services: web('x-dive:', '  timout: 90s'),
    code: 'DIVE-1110',
    at: 'compose.yaml:9',
    says: ['timout'],
  },
  'a key that only Compose itself can do': {
    services: web('provider: { type: x }'),
    code: 'DIVE-1106',
    at: 'compose.yaml:8',
    says: ['provider'],
  },
  'a dependency on a service that is not there': {
    services: web('depends_on: [constructor]'),
    code: 'DIVE-1109',
    at: 'compose.yaml:8',
    says: ['web', 'constructor'],
  },
  'two circles at once': {
    services: services(
      service('a', on('b')),
      service('b', on('a')),
      service('x', on('__proto__')),
      service('__proto__', on('x')),
    ),
    code: 'DIVE-1108',
    at: 'compose.yaml',
    says: [/a (→|->) b (→|->) a/, /__proto__ (→|->) x (→|->) __proto__/, /cut \S+ (→|->)/],
  },
  'an external network that is not there': {
    services: web('networks: [outside]'),
    rest: 'networks:\n  outside: { external: true, name: t-nobody-made-this }',
    code: 'DIVE-1003',
    at: 'compose.yaml:10',
    says: ['docker network create t-nobody-made-this'],
  },
  'an env file that is not there': {
    services: web('env_file: gone.env'),
    code: 'DIVE-1107',
    at: 'gone.env',
    says: [],
  },
  'a secret file that is not there': {
    services: web('secrets: [key]'),
    rest: 'secrets:\n  key:\n    file: ./gone.txt',
    code: 'DIVE-1107',
    at: 'compose.yaml:11',
    says: ['gone.txt'],
  },
  'a secret of a variable that is not set': {
    services: web('secrets: [key]'),
    rest: 'secrets:\n  key:\n    environment: T_NOT_SET',
    code: 'DIVE-1004',
    at: 'compose.yaml:11',
    says: ['T_NOT_SET'],
  },
};

/** What was not as it should be; empty is good. */
async function faults(project: TestProject, row: Pick<Row, 'code' | 'at' | 'says' | 'args'>): Promise<string[]> {
  const { code, at, says, args = [] } = row;
  const [plan, up] = await Promise.all([project.dive('plan', ...args), project.dive('--json', 'up', ...args)]);
  const place = at === undefined ? [] : [`${project.path}/${at}`];
  const found: string[] = [];
  for (const [what, ran, text] of [
    ['plan', plan, plan.stderr],
    ['up --json', up, up.stdout],
  ] as const) {
    if (ran.code !== 7) found.push(`${what}: exit ${ran.code}`);
    const unsaid = [code, ...says, ...(what === 'plan' ? place : [])].filter((word) => text.search(word) < 0);
    if (unsaid.length > 0) found.push(`${what} does not say ${unsaid.join(', ')}: ${text}`);
  }
  const parts = /^x .+ {3}DIVE-\d{4}$[\s\S]*^ {2}now +nothing was touched$[\s\S]*^ {2}next +\S/m;
  if (!parts.test(plan.stderr)) found.push(`plan says it without what, now and next: ${plan.stderr}`);
  const last = asRecord(up.stdout.trim().split('\n').at(-1) ?? '{}');
  if (last['code'] !== code || last['exitCode'] !== 7) found.push(`up --json ends with ${JSON.stringify(last)}`);
  const left = [...(await project.containers()), ...(await project.networks())];
  if (left.length > 0) found.push(`left: ${JSON.stringify(left)}`);
  return found;
}

test.each(Object.entries(ROWS))('%s is refused', async (_name, row) => {
  await using project = await TestProject.make('bad', row.services ?? web(), row.rest);
  for (const [name, text] of Object.entries(row.files ?? {})) await project.file(name, text);
  expect(await faults(project, row)).toEqual([]);
});

test('a folder with neither dive.yaml nor a Compose file is told', async () => {
  await using project = await TestProject.make('empty', '');
  await project.remove('compose.yaml');
  const says = [project.path];
  expect(await faults(project, { code: 'DIVE-1102', says })).toEqual([]);
});

test('a port that a process holds is refused with its name and number', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const address = stranger.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    await using project = await TestProject.make('port', web(`ports: ["127.0.0.1:${port}:8080"]`));
    const name = readFileSync('/proc/self/comm', 'utf8').trim();
    const says = [`port ${port} of web is held by ${name} (process ${process.pid})`.replace(/[()]/g, '.')];
    expect(await faults(project, { code: 'DIVE-1111', at: 'compose.yaml:8', says })).toEqual([]);
  } finally {
    stranger.close();
  }
});

test('a port that a container holds is refused with the name of that', async () => {
  await using holder = await TestProject.make('holder', web('ports: ["127.0.0.1::8080"]'));
  expect((await holder.compose('up', '-d')).code).toBe(0);
  const [published = ''] = await docker('port', holder.container('web'), '8080');
  await using project = await TestProject.make('port', web(`ports: ["${published}:8080"]`));
  const says = [`held by container ${holder.container('web')} of project ${holder.name}`];
  expect(await faults(project, { code: 'DIVE-1111', at: 'compose.yaml:8', says })).toEqual([]);
});

test('services called like members of every object are services like all others', async () => {
  await using project = await TestProject.make(
    'names',
    services(
      service('constructor', on('toString')),
      service('toString', { after: { ['__proto__']: 'service_completed_successfully' } }),
      service('__proto__', { run: 'exit 0', more: ['restart: "no"'] }),
    ),
  );
  expect((await project.dive('plan')).code).toBe(2);
  expect((await project.dive('up')).code).toBe(0);
  expect((await project.containers()).map((c) => `${c.service} ${c.state}`)).toEqual([
    '__proto__ exited',
    'constructor running',
    'toString running',
  ]);
  expect((await project.dive('status')).stdout).toMatch(/__proto__.*\n.*constructor.*\n.*toString/);
});

test('a broken dive.yaml is said by every verb that reads it', async () => {
  await using project = await TestProject.make('broken', web());
  await project.file('dive.yaml', 'version: 1\nhub: { code: USA\n');
  const verbs = [['plan'], ['up'], ['down'], ['history'], ['watch'], ['pause'], ['resume'], ['cancel']];
  for (const verb of verbs) {
    const ran = await project.dive(...verb);
    expect({ verb, ran }).toMatchObject({ ran: { code: 7, stderr: expect.stringContaining('DIVE-1101') } });
    expect(ran.stderr).toContain(`${project.path}/dive.yaml:`);
  }
  // How things are is worth knowing all the same.
  expect((await project.dive('status')).stderr).toMatch(/dive\.yaml:\d+[\s\S]*all instances are shown instead/i);
});
