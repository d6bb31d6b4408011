// Images whose parts cannot be had: the real tools against registries on loopback that behave badly.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProgram, until } from '../support/command.ts';
import { fakeMirror, type Mood } from '../support/fake-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const {
  artifactFile,
}: { readonly artifactFile: (name: string) => string } = require('../../scripts/images/artifacts.cjs');
const ROOT = resolve(__dirname, '..', '..');

/** A copy of what makes the images, so that a test may change a recipe and the build's cache does not know it. */
async function clone(): Promise<{ readonly path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  for (const name of ['scripts', 'stacks/images'])
    cpSync(join(ROOT, name), join(folder.path, name), { recursive: true });
  return folder;
}

/** Makes these images, as the last step of the set-up does; one attempt of a tool takes a second at most. */
const script = (names: readonly string[]): string => `
  const { bringImages } = require('./scripts/images/bring.cjs');
  const { BASE, IMAGES } = require('./scripts/images/catalogue.cjs');
  const wanted = [BASE, ...IMAGES].filter((i) => ${JSON.stringify(names)}.includes(i.name));
  bringImages(wanted).then(() => process.exit(0), (error) => { console.log(error.message); process.exit(6); });
`;

function environment(folder: string, more: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, DIVE_TOOLS: join(folder, 'tools'), DIVE_PATIENCE: '1', ...more };
}

function make(folder: string, name: string, more: Record<string, string>) {
  return runProgram(process.execPath, ['-e', script([name])], folder, environment(folder, more));
}

/** Each tool's own setting for another registry. */
function settings(image: string, url: string, folder: string): Record<string, string> {
  if (image === 'node') return { npm_config_registry: url, npm_config_cache: join(folder, 'npm') };
  if (image === 'opa') return { GOPROXY: url };
  if (image === 'base' || image === 'redis') return { http_proxy: url };
  mkdirSync(join(folder, '.m2'));
  const mirror = `<mirror><id>m</id><mirrorOf>*</mirrorOf><url>${url}</url></mirror>`;
  writeFileSync(join(folder, '.m2', 'settings.xml'), `<settings><mirrors>${mirror}</mirrors></settings>`);
  return { MAVEN_OPTS: `-Duser.home=${folder}` };
}

function leftOvers(folder: string): string[] {
  const images = join(folder, 'tools', 'images');
  return existsSync(images) ? readdirSync(images).filter((name) => !name.endsWith('-cache')) : [];
}

const SOURCES = {
  keycloak: 'Maven Central',
  opa: 'the Go module proxy',
  node: 'the npm registry',
  base: "Debian's mirror",
};
const SAID = { hangs: 'does not answer', '502': 'answers wrongly (502)', 'login page': 'sends something else' };
const rows = (['keycloak', 'opa', 'node', 'base'] as const).flatMap((image) =>
  (['hangs', '502', 'login page'] as const).map((mood) => [image, mood] as const),
);

test.each(rows)('%s from a registry that shows: %s', async (image: keyof typeof SOURCES, mood: Mood) => {
  await using folder = await clone();
  await using mirror = await fakeMirror(mood);
  const ran = await make(folder.path, image, settings(image, mirror.url, folder.path));
  expect(ran).toMatchObject({ code: 6, stdout: expect.stringContaining(SOURCES[image]) });
  expect(ran.stdout).toContain(SAID[mood]);
  expect(mirror.asked).not.toEqual([]);
  // One sentence, not a tool's pages, and nothing half made that could be taken for whole.
  expect(ran.stdout.trim().split('\n')).toHaveLength(1);
  expect(leftOvers(folder.path)).toEqual([]);
});

test("a build whose Debian mirror answers wrongly names it, leaves no container, and the image's name stays with the old one", async () => {
  await using folder = await clone();
  await using mirror = await fakeMirror('502');
  const recipe = join(folder.path, 'stacks/images/redis/Dockerfile');
  const fresh = `RUN groupadd -r -g 999 redis && : ${folder.path}`;
  writeFileSync(recipe, readFileSync(recipe, 'utf8').replace('RUN groupadd -r -g 999 redis', fresh));
  const id = () => spawnSync('docker', ['image', 'inspect', '-f', '{{.Id}}', 'dive-local/redis:7']).stdout.toString();
  const halfMade = () => spawnSync('docker', ['ps', '-aq', '--filter', 'label=dive-local.recipe']).stdout.toString();
  const [before, left] = [id(), halfMade()];
  const ran = await make(folder.path, 'redis', settings('redis', mirror.url, folder.path));
  expect(ran).toMatchObject({ code: 6, stdout: expect.stringContaining("Debian's mirror answers wrongly (502)") });
  expect(id()).toBe(before);
  expect(halfMade()).toBe(left);
});

test('what was brought is not brought again', async () => {
  await using folder = await clone();
  await using mirror = await fakeMirror('502');
  const images = join(folder.path, 'tools', 'images');
  mkdirSync(images, { recursive: true });
  const name = artifactFile('node').split('/').at(-1) ?? '';
  writeFileSync(join(images, name), 'whole');
  await make(folder.path, 'node', settings('node', mirror.url, folder.path));
  expect(mirror.asked.filter((a) => a.includes('node-linux'))).toEqual([]);
  expect(mirror.asked.filter((a) => a.includes('/npm'))).not.toEqual([]);
  expect(readFileSync(join(images, name), 'utf8')).toBe('whole');
});

test('an interrupted fetch ends its tool, leaves nothing that looks whole, and is cleared up by the next one', async () => {
  await using folder = await clone();
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  const into = '$(for a in "$@"; do case $a in -DoutputDirectory=*) echo "${a#*=}";; esac; done)';
  const pid = join(folder.path, 'pid');
  const mvn = (rest: string) =>
    writeFileSync(join(bin, 'mvn'), `#!/bin/sh\nto=${into}\necho half > "$to/k.zip"\n${rest}\n`, { mode: 0o755 });
  const env = environment(folder.path, { PATH: `${bin}:${process.env.PATH ?? ''}` });
  mvn(`echo $$ > ${pid}; exec sleep 60`);
  const running = spawn(process.execPath, ['-e', script(['keycloak'])], { cwd: folder.path, env, stdio: 'ignore' });
  const ended = new Promise((done) => running.once('close', done));
  const tool = await until(
    'the tool runs',
    () => (existsSync(pid) ? Number(readFileSync(pid, 'utf8')) : undefined) || undefined,
  );
  running.kill('SIGTERM');
  await ended;
  await until('the tool has ended', () => !existsSync(`/proc/${tool}/fd/0`) || undefined, 5_000);
  expect(leftOvers(folder.path).every((name) => name.startsWith('.part-'))).toBe(true);
  mvn('exit 1');
  await runProgram(process.execPath, ['-e', script(['keycloak'])], folder.path, env);
  expect(leftOvers(folder.path)).toEqual([]);
});

test('a disk without room is said before anything is fetched', async () => {
  await using folder = await clone();
  await using mirror = await fakeMirror('hangs');
  const tools = join(folder.path, 'tools');
  mkdirSync(tools);
  const line = `mount -t tmpfs -o size=64m tmpfs ${tools} && exec ${process.execPath} -e "$SCRIPT"`;
  const env = environment(folder.path, { ...settings('opa', mirror.url, folder.path), SCRIPT: script(['opa']) });
  const ran = await runProgram('unshare', ['--mount', 'sh', '-c', line], folder.path, env);
  expect(ran.code).toBe(6);
  expect(ran.stdout).toMatch(/tools\/images has 0\.1 GB free, and 1\.6 GB are needed while the images are made/);
  expect(mirror.asked).toEqual([]);
});
