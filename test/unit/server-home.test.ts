import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readAddressFile, supervisorLives, writeAddressFile } from '../../server/address-file.ts';
import type { ServerAddress } from '../../server/address-file.ts';
import { serverConfig } from '../../server/config.ts';
import { readServerAddress } from '../../server/embedded.ts';
import { assertReachable } from '../../server/database-user.ts';
import { homePaths, makeHome, secretFile, writePrivate } from '../../server/home.ts';
import { lastLines, logFile, openLog, writeLog } from '../../server/log-file.ts';
import { listMade, purgeServer } from '../../server/purge.ts';
import { serverStatus } from '../../server/status.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dive-unit-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const modeOf = (file: string): number => statSync(file).mode & 0o777;

const ADDRESS: ServerAddress = {
  version: '0.1.0',
  build: 'b',
  state: 'ready',
  pid: process.pid,
  temporalAddress: '127.0.0.1:1',
  temporalNamespace: 'default',
  databaseUrl: 'postgres://dive:secret@127.0.0.1:2/dive',
  keyFile: '/k',
  startedAt: '2026-01-01T00:00:00.000Z',
  children: {},
  ports: { temporal: 1, postgres: 2 },
  worker: true,
  restarts: 0,
};

test('the home is DIVE_HOME, else that of root, else below the state folder of the user', () => {
  expect(serverConfig({ DIVE_HOME: '/x/y' }).home).toBe('/x/y');
  const user = process.getuid;
  try {
    process.getuid = (): number => 1000;
    expect(serverConfig({ XDG_STATE_HOME: '/s' }).home).toBe('/s/dive');
    expect(serverConfig({}).home).toMatch(/\.local\/state\/dive$/);
    process.getuid = (): number => 0;
    expect(serverConfig({ XDG_STATE_HOME: '/s' }).home).toBe('/var/lib/dive');
  } finally {
    if (user) process.getuid = user;
  }
});

test('the environment names other engines, a key file and the way to call Compose', () => {
  const none = serverConfig({ TEMPORAL_CONFIG_FILE: join(home, 'none') });
  expect([none.temporalAddress, none.databaseUrl, none.compose]).toEqual([undefined, undefined, undefined]);
  expect(
    serverConfig({
      TEMPORAL_ADDRESS: 'h:7233',
      TEMPORAL_NAMESPACE: 'prod',
      DIVE_DATABASE_URL: 'postgres://h/d',
      DIVE_KEY_FILE: '/k',
      DIVE_COMPOSE: '["/a b/docker-compose"]',
    }),
  ).toMatchObject({
    temporalAddress: 'h:7233',
    temporalNamespace: 'prod',
    databaseUrl: 'postgres://h/d',
    keyFile: '/k',
    compose: ['/a b/docker-compose'],
  });
  expect(serverConfig({ DIVE_COMPOSE: 'docker compose' }).compose).toEqual(['docker', 'compose']);
});

test('the SDK’s configuration file names a Temporal too; the environment comes first', () => {
  const file = join(home, 'temporal.toml');
  writeFileSync(
    file,
    `[profile.default.tls]\naddress = "not.this:1"\n[profile.default]\naddress = "one:7233" # comment\nnamespace = 'n1'\n
     [profile."prod"]\naddress = "two:7233"\n[other]\naddress = "three:1"\n`,
  );
  const read = (env: NodeJS.ProcessEnv): unknown[] => {
    const { temporalAddress, temporalNamespace } = serverConfig({ TEMPORAL_CONFIG_FILE: file, ...env });
    return [temporalAddress, temporalNamespace];
  };
  expect(read({})).toEqual(['one:7233', 'n1']);
  expect(read({ TEMPORAL_PROFILE: 'prod' })).toEqual(['two:7233', 'default']);
  expect(read({ TEMPORAL_PROFILE: 'none' })).toEqual([undefined, 'default']);
  expect(read({ TEMPORAL_ADDRESS: 'four:1', TEMPORAL_NAMESPACE: 'n4' })).toEqual(['four:1', 'n4']);
});

test('secrets, addresses and logs are for their owner only', () => {
  makeHome(home);
  secretFile(join(home, 'key'));
  writeAddressFile(home, ADDRESS);
  writeLog(logFile(home, 'supervisor'), 'hello');
  expect([modeOf(join(home, 'key')), modeOf(homePaths(home).address), modeOf(logFile(home, 'supervisor'))]).toEqual([
    0o600, 0o600, 0o600,
  ]);
  expect([modeOf(homePaths(home).logs), modeOf(join(home, 'temporal'))]).toEqual([0o700, 0o700]);
  expect(modeOf(home)).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
});

test('a key is 32 bytes in hex, made once', () => {
  const key = secretFile(join(home, 'deep', 'key'));
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(secretFile(join(home, 'deep', 'key'))).toBe(key);
  expect(secretFile(join(home, 'other'))).not.toBe(key);
});

test('a file is replaced whole and nothing else is left', () => {
  writePrivate(join(home, 'f'), 'one');
  writePrivate(join(home, 'f'), 'two');
  expect(readFileSync(join(home, 'f'), 'utf8')).toBe('two');
  expect(readdirSync(home)).toEqual(['f']);
});

test('an address file that is missing, torn or something else is none', () => {
  expect(readAddressFile(home)).toBeUndefined();
  for (const text of ['{"pid": 1', '[]', '{"pid":"1","state":"ready"}', 'null']) {
    writeFileSync(homePaths(home).address, text);
    expect(readAddressFile(home)).toBeUndefined();
  }
});

test('a number that belongs to another program is not taken for the supervisor', () => {
  writeAddressFile(home, ADDRESS);
  expect(supervisorLives(home, ADDRESS)).toBe(false);
  expect(readServerAddress(home)).toBeUndefined();
  const config = { ...serverConfig({}), home };
  expect(serverStatus(config)).toMatchObject({ state: 'gone', otherBuild: false });
  writeAddressFile(home, { ...ADDRESS, state: 'stopped' });
  expect(serverStatus(config).state).toBe('stopped');
});

test('a log that grew too long is put aside, and its end can be read', () => {
  makeHome(home);
  const file = logFile(home, 'x');
  writeFileSync(file, `${'a'.repeat(11 * 1024 * 1024)}\nthe last\n`);
  expect(lastLines(file, 1)).toEqual(['the last']);
  openLog(file);
  expect(readdirSync(homePaths(home).logs).toSorted()).toEqual(['x.log', 'x.log.1']);
  expect(statSync(file).size).toBe(0);
  expect(lastLines(join(home, 'none'), 5)).toEqual([]);
});

test('purge lists, removes nothing without consent, and then only what is ours', async () => {
  makeHome(home);
  const config = { ...serverConfig({ DOCKER_CONFIG: join(home, 'docker') }), home, tools: join(home, 'tools') };
  secretFile(join(home, 'key'));
  writeFileSync(join(home, 'a-letter'), 'not ours');
  const names = listMade(config).map((entry) => entry.name);
  expect(names).toEqual(expect.arrayContaining([join(home, 'key'), join(home, 'logs'), join(home, 'temporal')]));
  expect(names).not.toContain(join(home, 'a-letter'));

  expect(await purgeServer({ config, list: () => false })).toEqual([]);
  expect(readdirSync(home)).toContain('key');
  const removed = await purgeServer({ config, list: (entries) => entries.length === names.length });
  expect(removed.map((entry) => entry.name)).toEqual(names);
  expect(readdirSync(home)).toEqual(['a-letter']);
});

test.each([
  ['go with the home they lie in', 'home', true],
  ['stay where other homes use them, and so does the link that leads to them', 'elsewhere', false],
])('purge: tools %s', async (_, place, goes) => {
  const own = join(home, 'home');
  const tools = join(home, place, 'tools');
  const link = join(home, 'docker', 'cli-plugins', 'docker-compose');
  for (const folder of [own, tools, dirname(link)]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(tools, 'docker-compose'), '');
  symlinkSync(join(tools, 'docker-compose'), link);
  const config = { ...serverConfig({ DOCKER_CONFIG: join(home, 'docker') }), home: own, tools };
  await purgeServer({ config, list: () => true });
  expect(existsSync(tools)).toBe(!goes);
  expect(lstatSync(link, { throwIfNoEntry: false }) === undefined).toBe(goes);
});

test('a folder that PostgreSQL’s user cannot pass through is named', () => {
  const inner = join(home, 'shut', 'postgres');
  mkdirSync(inner, { recursive: true });
  chmodSync(home, 0o755);
  const stranger = { name: 'somebody', uid: 4_000_001, gid: 4_000_001, home: '/' };
  expect(() => assertReachable(inner, stranger)).not.toThrow();
  chmodSync(join(home, 'shut'), 0o700);
  expect(() => assertReachable(inner, stranger)).toThrow(`somebody, cannot enter ${join(home, 'shut')}`);
});
