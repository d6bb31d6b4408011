// Global set-up of the projects that need engines: one Temporal server and one PostgreSQL for the whole run, both with
// a home of their own, and the test image. What a user raised is never touched.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serverConfig } from '../../server/config.ts';
import { ensureServer } from '../../server/embedded.ts';
import { findTemporalCli } from '../../server/temporal-server.ts';
import { makeTestImage } from './test-image.ts';

const ROOT = resolve(__dirname, '..', '..');
const BRING = 'bring what is missing: node scripts/setup.cjs --tests';

/** A failed build is an error in `npm test`, which builds first; here, in the middle of work, the last build will do. */
function build(): void {
  const built = spawnSync(process.execPath, [join(ROOT, 'scripts', 'setup.cjs'), '--build'], { stdio: 'inherit' });
  if (built.status !== 0 && !existsSync(join(ROOT, 'dist', 'server', 'supervisor-main.js'))) {
    throw new Error('the build failed and there is none from before');
  }
}

function assertEngine(): void {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error(`no Docker engine answers; ${BRING}`, { cause });
  }
}

export default async function setUp(): Promise<void> {
  build();
  assertEngine();
  makeTestImage();
  const before = serverConfig();
  const temporalCli = findTemporalCli(before);
  if (temporalCli === undefined) throw new Error(`there is no Temporal CLI; ${BRING}`);
  const home = mkdtempSync(join(tmpdir(), 'dive-test-'));
  // As root, PostgreSQL's own user must pass through it.
  await chmod(home, 0o711);
  for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'DIVE_DATABASE_URL', 'DIVE_KEY_FILE']) {
    delete process.env[name];
  }
  Object.assign(process.env, {
    TEMPORAL_CLI: temporalCli,
    // The user's own configuration file is not for tests.
    TEMPORAL_CONFIG_FILE: join(home, 'none.toml'),
    DIVE_TOOLS: before.tools,
    // A test that starts the command's own server does it here; it ends with this run, come what may.
    DIVE_HOME: join(home, 'home'),
    DIVE_SERVER_WHILE_ALIVE: String(process.pid),
    DIVE_TEST_HOME: home,
  });
  const config = { ...serverConfig(), home: join(home, 'engines') };
  const address = await ensureServer({ config, worker: false });
  process.env.DIVE_TEST_TEMPORAL_ADDRESS = address.temporalAddress;
  process.env.DIVE_TEST_DATABASE_URL = address.databaseUrl;
}
