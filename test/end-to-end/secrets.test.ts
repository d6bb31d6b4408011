// Secrets stay where they belong: planted everywhere a project may hold one, printed by its service in every form, and
// then looked for in all that dive keeps, sends and says. The service's own name is the proof that the search finds.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import pg from 'pg';
import { readAddressFile } from '../../server/address-file.ts';
import { canary, filesBelow, hunt } from '../support/canaries.ts';
import { docker, runProgram, TestProject, type Ran } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_IMAGE } from '../support/test-image.ts';

jest.setTimeout(240_000);

const CONTROL = `control-${randomBytes(4).toString('hex')}`;
const SECRETS = {
  shellPassed: canary('+/'),
  shellInterpolated: canary('&='),
  shellArgument: canary(),
  dotEnv: canary(':/ '),
  dotEnvArgument: canary(),
  envFile: canary('/+ '),
  literalByName: canary('$'),
  literal: canary('?&'),
  inUrl: canary(),
  afterFlag: canary('/'),
  inFlag: canary('+'),
  inScript: canary(),
  file: canary('é /'),
  fileOfLines: canary('-'),
  environmentSecret: canary('%'),
  environmentConfig: canary('~'),
  configContent: canary(),
  buildArgument: canary('_'),
  label: canary('$'),
  healthCheck: canary('.'),
  hook: canary('!'),
  volumeOption: canary(),
  mountOption: canary('/'),
  proxyPassword: canary('.'),
  logOption: canary(),
};
/** Of the user's own Docker configuration; no container ever knows it. */
const REGISTRY = { registryPassword: canary('/') };
const SHELL = {
  SHELL_PASSED: SECRETS.shellPassed,
  SHELL_INTERPOLATED: SECRETS.shellInterpolated,
  SHELL_ARGUMENT: SECRETS.shellArgument,
  SHELL_SECRET: SECRETS.environmentSecret,
  SHELL_CONFIG: SECRETS.environmentConfig,
};

/** All that the container knows, two a line (the last ten lines are shown), in every form. */
const TALK = `
say() {
  printf '%s ' "$1"
  printf %s "$1" | base64 | tr '\\n' ' '; printf ':%s' "$1" | base64 | tr '\\n' ' '; printf 'u:%s\\n' "$1" | base64 | tr '\\n' ' '
  awk 'BEGIN { for (i = 1; i < 256; i++) n[sprintf("%c", i)] = i; s = ARGV[1]
    for (i = 1; i <= length(s); i++) { c = substr(s, i, 1); if (c ~ /[A-Za-z0-9_.~!-]/) printf "%s", c; else printf "%%%02X", n[c] }
    printf " " }' "$1"
}
while read -r one; do say "$one"; read -r two && say "$two"; echo; done < /known
say "$GENERATED"; say ${CONTROL}; echo`;

interface Variant {
  /** What follows the talk. */
  readonly end: string;
  readonly check: string;
  /** Last line of the image's recipe. */
  readonly build?: string;
  /** Folder of this machine that is mounted with the password of a share; below the project's. @default share */
  readonly share?: string;
  /** What one more service is made of. */
  readonly image?: string;
}

/** `docker login` to a registry that does not answer, and a proxy with a password for every container. */
async function dockerConfiguration(project: TestProject): Promise<string> {
  const auth = Buffer.from(`somebody:${REGISTRY.registryPassword}`).toString('base64');
  const proxies = { default: { httpProxy: `http://somebody:${SECRETS.proxyPassword}@127.0.0.1:1` } };
  await mkdir(path.join(project.path, 'docker'));
  await project.file('docker/config.json', JSON.stringify({ auths: { '127.0.0.1:1': { auth } }, proxies }));
  return path.join(project.path, 'docker');
}

const yaml = (text: string): string => JSON.stringify(text.replaceAll('$', '$$$$'));

async function write(project: TestProject, variant: Variant): Promise<void> {
  const s = SECRETS;
  const { share = 'share' } = variant;
  const mount = { type: 'none', device: path.join(project.path, share), o: `bind,password=${s.mountOption}` };
  const check = `echo "not with ${s.healthCheck}"; set -- --password=${s.healthCheck}; ${variant.check}`;
  await project.file('Dockerfile', `FROM ${TEST_IMAGE}\nARG NOTHING\nRUN echo "$NOTHING"\n${variant.build ?? ''}\n`);
  await project.write(
    `  ${CONTROL}:
    image: ${project.name}/built:1
    build: { context: ., args: { NOTHING: ${yaml(s.buildArgument)} } }
    command:
      - sh
      - -c
      - ${yaml(`export TOKEN_X=${s.inScript}\n${TALK}\n${variant.end}`)}
      - --password
      - ${yaml(s.afterFlag)}
      - ${yaml(`--token=${s.inFlag}`)}
      - --of-shell=\${SHELL_ARGUMENT}
      - \${DOT_ENV_ARGUMENT}
    stop_signal: SIGKILL
    environment:
      SHELL_PASSED:
      INTERPOLATED: before-\${SHELL_INTERPOLATED}-behind
      DOT_ENV: \${DOT_ENV}
      GENERATED: \${GENERATED}
      DB_PASSWORD: ${yaml(s.literalByName)}
      NOTHING_SPECIAL: ${yaml(s.literal)}
      DATABASE_URL: postgres://someone:${s.inUrl}@db.example/all
    env_file: [more.env]
    labels: { dive.test: end-to-end, example.api-token: ${yaml(s.label)} }
    logging: { driver: json-file, options: { tag: ${yaml(`password=${s.logOption}`)} } }
    volumes: ['./known:/known:ro', 'data:/data', '${share}:/share']
    secrets: [file, lines, variable]
    configs: [{ source: variable, target: /one }, { source: content, target: /two }]
    healthcheck: { test: ['CMD-SHELL', ${yaml(check)}], interval: 1s, retries: 3 }
    post_start: [{ command: [sh, -c, 'echo "$$HOOKED"'], environment: { HOOKED: ${yaml(s.hook)} } }]
${variant.image === undefined ? '' : `  other: { image: '${variant.image}', labels: { dive.test: end-to-end } }`}`,
    `volumes: { data: { driver_opts: { type: tmpfs, device: tmpfs, o: 'size=1m,mode=0755' }, labels: { a.secret: ${s.volumeOption} } }, ${share}: { driver_opts: ${JSON.stringify(mount)} } }
secrets: { file: { file: ./secret.txt }, lines: { file: ./secret.pem }, variable: { environment: SHELL_SECRET } }
configs: { variable: { environment: SHELL_CONFIG }, content: { content: "a = \${CONFIG_CONTENT}" } }`,
  );
}

test('planted secrets are in no payload, row, log, heartbeat, file or word that is said', async () => {
  await using home = await temporaryFolder();
  await using project = await TestProject.make('secrets', '');
  const s = SECRETS;
  await project.file(
    'dive.yaml',
    `version: 1\nhub: { code: ${project.instance}, compose: compose.yaml, generate: [GENERATED] }\n`,
  );
  await project.file(
    '.env',
    `DOT_ENV='${s.dotEnv}'\nDOT_ENV_ARGUMENT=${s.dotEnvArgument}\nCONFIG_CONTENT=${s.configContent}\n`,
  );
  await project.file('more.env', `FILED='${s.envFile}'\n`);
  await project.file('secret.txt', `${s.file}\n`);
  await project.file('secret.pem', `-----BEGIN KEY-----\n${s.fileOfLines}\n-----END KEY-----\n`);
  await project.file('known', Object.values(s).join('\n') + '\n');
  await mkdir(path.join(project.path, 'share'));
  const variables = { ...SHELL, DIVE_HOME: home.path, DOCKER_CONFIG: await dockerConfiguration(project) };
  const dive = (...args: string[]): Promise<Ran> => project.beginWith(variables, ...args).ended;
  const said: Record<string, string> = {};
  const say = async (...args: string[]): Promise<Ran> => {
    const ran = await dive(...args);
    said[args.join(' ')] = ran.stdout + ran.stderr;
    return ran;
  };
  try {
    // One that succeeds, after a while in which its check says no.
    await write(project, { end: 'sleep 6; touch /tmp/ready; exec sleep 3600', check: 'test -f /tmp/ready' });
    const up = project.beginWith(variables, 'up');
    const kept = await whileRunning(project, home.path, variables, up.ended);
    const first = await up.ended;
    said['up'] = first.stdout + first.stderr;
    expect({ code: first.code, said: first.code === 0 ? '' : said['up'] }).toEqual({ code: 0, said: '' });
    const { GENERATED = '' } = parseEnv(await readFile(path.join(project.path, '.env'), 'utf8'));
    expect(GENERATED).toHaveLength(32);
    const { found } = hunt({
      ...SECRETS,
      ...REGISTRY,
      generated: GENERATED,
      control: CONTROL,
      instance: project.instance,
    });
    // The service has really printed them all.
    const log = await runProgram('docker', ['logs', project.container(CONTROL)]);
    expect(found(log.stdout)).toEqual([...Object.keys(SECRETS), 'generated', 'control']);

    for (const verb of ['status', 'logs', 'history']) {
      await say(verb);
      await say(verb, '--json');
    }
    // Five that fail: at once, never healthy, in the build, by its share, by a registry.
    // Not healthy before it ends, however long it talks.
    await write(project, { end: 'exit 3', check: 'false' });
    await say('plan');
    await say('plan', '--json', '--specs');
    expect((await say('up')).code).toBe(1);
    await write(project, { end: 'exec sleep 3600 # changed', check: 'false' });
    expect((await say('up', '--json', '--timeout', '3s')).code).toBe(1);
    await write(project, { end: 'exit 4', check: 'true', build: 'RUN echo "$NOTHING" | base64 && false' });
    const built = await say('up', '--build', '--json');
    expect({ code: built.code, said: built.stdout }).toMatchObject({
      code: 1,
      said: expect.stringContaining('DIVE-1209'),
    });
    await write(project, { end: 'exec sleep 3600', check: 'true', share: 'gone' });
    const mounted = await say('up', '--json');
    expect({ code: mounted.code, said: mounted.stdout }).toMatchObject({
      code: 1,
      said: expect.stringMatching(/gone.*no such file or directory/),
    });
    await write(project, { end: 'exec sleep 3600', check: 'true', image: '127.0.0.1:1/no/such:1' });
    expect((await say('up')).stderr).toContain('127.0.0.1:1/no/such:1');
    await say('history', '--json', project.instance);
    await say('status');

    const places = { ...kept, ...said, PostgreSQL: await databaseText(home.path) };
    const judgements = Object.entries(places).map(([what, place]) => judged(what, found(place)));
    expect(judgements.filter((j) => !j.control || j.secrets.length > 0)).toEqual([]);
    for (const args of [['doctor'], ['doctor', '--json'], ['server', 'status']]) {
      const { stdout, stderr } = await dive(...args);
      expect(judged(args.join(' '), found(stdout + stderr)).secrets).toEqual([]);
    }
    await dive('server', 'stop');
    const files = filesBelow(home.path).map(({ name, bytes }) => judged(name, found(bytes)));
    expect(files.filter((f) => f.secrets.length > 0)).toEqual([]);
    const reached = files.filter((f) => f.control).map((f) => f.what);
    for (const one of [/^temporal\/temporal\.db/, /^postgres\/data\//, /^logs\/worker/])
      expect(reached).toContainEqual(expect.stringMatching(one));
  } finally {
    await dive('server', 'stop');
    await docker('image', 'rm', '-f', `${project.name}/built:1`).catch(() => undefined);
    // A build over an image takes its name from it.
    await docker('image', 'prune', '-f', '--filter', `label=com.docker.compose.project=${project.name}`);
  }
});

interface Judged {
  readonly what: string;
  /** Something that is no secret was found there: the search reached the place. */
  readonly control: boolean;
  readonly secrets: readonly string[];
}

function judged(what: string, found: readonly string[]): Judged {
  const secrets = found.filter((name) => name !== 'control' && name !== 'instance');
  return { what, control: secrets.length < found.length, secrets };
}

/** What Temporal tells of the operation while it runs, its database file meanwhile, and what an onlooker is shown. */
async function whileRunning(
  project: TestProject,
  home: string,
  variables: Record<string, string>,
  ended: Promise<unknown>,
): Promise<Record<string, string | Buffer>> {
  let over = false;
  void ended.then(() => (over = true));
  const kept = { heartbeats: '', payloads: '', database: Buffer.of(), watch: '' };
  let watching: Promise<unknown> | undefined;
  while (!over) {
    const server = readAddressFile(home);
    const about = ['--workflow-id', `instance/${project.instance}`, '--output', 'json'];
    const ask = (...args: string[]): Promise<Ran> =>
      runProgram(process.env.TEMPORAL_CLI ?? 'temporal', [
        ...args,
        ...about,
        '--address',
        server?.temporalAddress ?? '',
      ]);
    const described = server === undefined ? undefined : await ask('workflow', 'describe');
    if (described?.code === 0) {
      watching ??= project.beginWith(variables, 'watch').ended.then((ran) => (kept.watch = ran.stdout + ran.stderr));
      // Of an activity: the service it waits for, and its last answer.
      kept.heartbeats += [...described.stdout.matchAll(/"pendingActivities":.*/gs)].join('\n');
      kept.payloads += (await ask('workflow', 'show')).stdout;
      const files = filesBelow(path.join(home, 'temporal'));
      kept.database = Buffer.concat(files.map(({ bytes }) => bytes));
    }
    await pause(200);
  }
  await watching;
  return kept;
}

/** Every column of every row, bytes as they are. */
async function databaseText(home: string): Promise<Buffer> {
  const client = new pg.Client({ connectionString: readAddressFile(home)?.databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    const values: unknown[] = [];
    for (const { name } of tables.rows)
      values.push(...(await client.query({ text: `SELECT * FROM ${name}`, rowMode: 'array' })).rows.flat());
    return Buffer.concat(
      values.map((value) =>
        Buffer.isBuffer(value) ? value : Buffer.from(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`),
      ),
    );
  } finally {
    await client.end();
  }
}
