// The set-up against machines that lack things: namespaces of their own, users without rights, empty PATHs.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serverConfig } from '../../server/config.ts';
import { bringTools } from '../../server/embedded.ts';

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, '..', '..');
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dive-setup-'));
  await chmod(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly said: string;
}

/** A copy of the set-up, run as a user without rights whose PATH holds only these programs. */
function asNobody(programs: string[], args: string[] = ['--tools']): Ran {
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const program of programs) writeFileSync(join(bin, program), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', join(bin, 'node')];
  const env = { PATH: bin, DIVE_HOME: join(folder, 'home'), HOME: folder, DOCKER_HOST: '' };
  const ran = spawnSync('/usr/bin/setpriv', [...nobody, join(folder, 'scripts', 'setup.cjs'), ...args], {
    env,
    encoding: 'utf8',
  });
  return { code: ran.status ?? -1, said: ran.stderr };
}

test('without root and without Docker it names what is missing and the command, and changes nothing', () => {
  const ran = asNobody(['apt-get', 'temporal']);
  expect(ran.code).toBe(6);
  expect(ran.said).toMatch(/nothing was changed/);
  expect(ran.said).toMatch(/a Docker engine\n +sudo apt-get update && sudo apt-get install -y docker\.io iptables/);
  expect(ran.said).toMatch(
    /python3 with pip[^\n]*\n +sudo apt-get update && sudo apt-get install -y python3 python3-pip/,
  );
  expect(existsSync(join(folder, 'home'))).toBe(false);
});

test('an engine that is installed and does not let this user in is told from one that is not there', () => {
  const ran = asNobody(['dockerd', 'docker', 'temporal', 'apt-get']);
  expect(ran.code).toBe(6);
  expect(ran.said).toMatch(/a Docker engine that answers this user\n +sudo usermod -aG docker/);
});

test('on a system without apt it does not speak of apt', () => {
  const ran = asNobody(['dnf', 'docker', 'temporal']);
  expect(ran.code).toBe(6);
  expect(ran.said).toContain('sudo dnf install -y moby-engine');
  expect(ran.said).not.toContain('apt-get');
});

test('an unknown option is refused', () => {
  expect(asNobody([], ['--everything'])).toMatchObject({ code: 7, said: expect.stringContaining('--tests') });
});

test('where all is there it says nothing and is quick', async () => {
  const lines: string[] = [];
  const begun = Date.now();
  await bringTools('all', (line) => lines.push(line));
  expect(lines).toEqual([]);
  expect(Date.now() - begun).toBeLessThan(5_000);
});

test('what cannot be brought is one typed failure with the set-up’s own words', async () => {
  const config = { ...serverConfig(), home: join(folder, 'home') };
  const before = process.env.TEMPORAL_CLI;
  process.env.TEMPORAL_CLI = join(folder, 'no-such-program');
  try {
    await expect(bringTools('temporal', () => {}, config)).rejects.toMatchObject({
      code: 'DIVE-1605',
      why: expect.arrayContaining([expect.stringContaining('no-such-program')]),
    });
  } finally {
    if (before === undefined) delete process.env.TEMPORAL_CLI;
    else process.env.TEMPORAL_CLI = before;
  }
});

// The machine's own engine stays as it is: mounts, network and processes are those of a namespace of this test.
test('an engine that is installed and silent is started, also after an unclean end', () => {
  mkdirSync(join(folder, 'docker'));
  writeFileSync(
    join(folder, 'machine.sh'),
    `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/docker/containerd
mount --bind "$1/docker" /var/lib/docker
ip link set lo up
# Its number belongs to this shell now: the engine would take it for itself.
echo $$ > /run/docker.pid
echo $$ > /run/docker/containerd/containerd.pid
"$2" scripts/setup.cjs --tools
docker version --format 'first {{.Server.Version}}'
"$2" scripts/setup.cjs --tools
kill -9 "$(cat /run/docker.pid)"
while [ -e "/proc/$(cat /run/docker.pid)/cwd" ]; do sleep 0.05; done
"$2" scripts/setup.cjs --tools
docker version --format 'second {{.Server.Version}}'
`,
  );
  const own = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const ran = spawnSync('unshare', [...own, 'sh', join(folder, 'machine.sh'), folder, process.execPath], {
    cwd: ROOT,
    env: { ...process.env, DIVE_HOME: join(folder, 'home') },
    encoding: 'utf8',
    timeout: 100_000,
  });
  expect([ran.status, ran.stdout]).toEqual([0, expect.stringMatching(/^first \d.*\nsecond \d.*\n$/)]);
  expect(ran.stderr.match(/set-up brings:\n {2}a start of the Docker engine that is installed/g)).toHaveLength(2);
  expect(ran.stderr.match(/^\[\d\/3\] Docker engine {2}[\d.]+ s$/gm)).toHaveLength(2);
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder);
});
