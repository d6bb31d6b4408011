// `npm start` where the images are built and nothing else of the hub is there: no server, no volume, no secrets.
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverConfig } from '../server/config.ts';
import { cloneInto } from '../test/support/clone.ts';
import { HUB, freePorts, hubImages, hubPorts } from '../test/support/hub.ts';
import { execute, mustExecute } from './execute.ts';
import { type NamedRun, andDown } from './raise.ts';

const PROJECT = 't-bench-start';

/** One run, in a clone of its own, with packages and build there as images are. */
export async function npmStart(compose: readonly string[], say: (line: string) => void): Promise<NamedRun> {
  const root = mkdtempSync(join(tmpdir(), 'dive-bench-start-'));
  // As root, PostgreSQL's own user must pass through it.
  chmodSync(root, 0o711);
  const { TEMPORAL_ADDRESS: _address, DIVE_DATABASE_URL: _url, ...rest } = process.env;
  const env = { ...rest, DIVE_TOOLS: serverConfig().tools, DIVE_HOME: join(root, 'home') };
  const clone = join(root, 'clone');
  const hub = join(clone, 'stacks', 'hub');
  const dive = join(clone, 'dive');
  try {
    await copyHub(hub);
    await cloneInto(clone);
    const project = { name: PROJECT, folder: hub, flags: ['--env-file', 'hub.env'] };
    return await andDown(compose, project, async () => {
      const { wallMs } = await mustExecute(['node', 'scripts/start.cjs'], { cwd: clone, env });
      say(`npm-start: ${Math.round(wallMs)} ms`);
      await mustExecute([dive, 'down', '--volumes'], { cwd: hub, env });
      return { name: 'npm-start', wallMs };
    });
  } finally {
    await execute([dive, 'server', 'stop'], { cwd: root, env });
    rmSync(root, { recursive: true, force: true });
  }
}

async function copyHub(to: string): Promise<void> {
  cpSync(HUB, to, { recursive: true, filter: (from) => !/hub\.env|node_modules|dist$/.test(from) });
  const topology = join(to, 'dive.yaml');
  writeFileSync(topology, readFileSync(topology, 'utf8').replace('code: USA', 'code: BENCH'));
  const images = await hubImages();
  const choice = images.some((line) => line.includes('=dive-local/')) ? 'local' : 'official';
  const ports = (await freePorts(hubPorts.length)).map((port, index) => `${hubPorts[index]}=${port}`);
  const lines = [`COMPOSE_PROJECT_NAME=${PROJECT}`, `HUB_IMAGES=${choice}`, ...images, ...ports, ''];
  writeFileSync(join(to, 'hub.env'), lines.join('\n'));
}
