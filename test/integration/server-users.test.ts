// Who the embedded server runs as: a user without rights, and root on a machine that has no user for PostgreSQL yet.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serverConfig } from '../../server/config.ts';
import { findTemporalCli } from '../../server/temporal-server.ts';

jest.setTimeout(90_000);

const ROOT = resolve(__dirname, '..', '..');
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dive-users-'));
  await chmod(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// Starts it, says who owns and runs what, removes all of it.
const LIFE = `
const { execFileSync } = require('node:child_process');
const { existsSync, statSync } = require('node:fs');
const { ensureServer, purgeServer } = require(process.argv[2] + '/dist/server/embedded.js');
const mode = (file) => (statSync(file).mode & 0o777).toString(8);
(async () => {
  const home = process.env.DIVE_HOME;
  const { children } = await ensureServer({ worker: false });
  const user = execFileSync('ps', ['-o', 'user=', '-p', String(children.postgres)], { encoding: 'utf8' }).trim();
  const made = { user, home: mode(home), data: mode(home + '/postgres/data'), temporal: mode(home + '/temporal') };
  const removed = await purgeServer({ list: () => true });
  console.log(JSON.stringify({ ...made, removed: removed.map((e) => e.name), left: existsSync(home) }));
})().catch((error) => { console.error(error); process.exit(1); });
`;

/** Runs a shell script in a mount namespace; gives the JSON it printed. It gets the folder, this package and the Temporal CLI. */
function live(script: string): Record<string, unknown> {
  writeFileSync(join(folder, 'life.cjs'), LIFE);
  writeFileSync(join(folder, 'machine.sh'), `set -e\n${script}`);
  const cli = findTemporalCli(serverConfig());
  if (cli === undefined) throw new Error('there is no Temporal CLI');
  const ran = spawnSync('unshare', ['--mount', 'sh', join(folder, 'machine.sh'), folder, ROOT, cli], {
    env: { ...process.env, HOME: join(folder, 'user') },
    encoding: 'utf8',
    timeout: 80_000,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

test('a user without rights runs all of it, in a home nobody else can look into', async () => {
  mkdirSync(join(folder, 'user'));
  await chown(join(folder, 'user'), 65534, 65534);
  const seen = live(`
mkdir "$1/package" && mount --bind "$2" "$1/package"
: > "$1/temporal" && mount --bind "$3" "$1/temporal"
export DIVE_HOME="$1/user/home" TEMPORAL_CLI="$1/temporal"
exec setpriv --reuid=65534 --regid=65534 --clear-groups node "$1/life.cjs" "$1/package"
`);
  expect(seen).toMatchObject({ user: 'nobody', home: '700', data: '700', temporal: '700', left: false });
});

test('as root a system user is made for PostgreSQL, and removed with the rest', () => {
  const before = readFileSync('/etc/passwd', 'utf8');
  const seen = live(`
cp -a /etc "$1/etc" && sed -i '/^postgres:/d;/^dive-db:/d' "$1/etc/passwd" "$1/etc/group" "$1/etc/shadow"
mount --bind "$1/etc" /etc
# A container's process with the number that the user will get: images like that number, too.
useradd --system probe && number=$(id -u probe) && userdel --force probe
setpriv --reuid="$number" --clear-groups sleep 60 &
trap "kill $!" EXIT
DIVE_HOME="$1/home" node "$1/life.cjs" "$2"
if grep -q dive-db /etc/passwd; then echo 'the user is left' >&2; exit 1; fi
`);
  expect(seen).toMatchObject({ user: 'dive-db', home: '711', data: '700', temporal: '700', left: false });
  expect(seen.removed).toContain('dive-db');
  expect(readFileSync('/etc/passwd', 'utf8')).toBe(before);
});
