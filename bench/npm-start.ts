// `npm start` where the images are built and nothing else of the hub is there: no server, no volume, no secrets.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cloneInto } from '../test/support/clone.ts';
import { copyHubTo } from '../test/support/hub.ts';
import { ownHome } from './dive-command.ts';
import { execute, mustExecute } from './execute.ts';
import { type NamedRun, andDown } from './raise.ts';

const PROJECT = 't-bench-start';

/** One run, in a clone of its own, with packages and build there as images are. */
export async function npmStart(compose: readonly string[], say: (line: string) => void): Promise<NamedRun> {
  const { root, env } = ownHome('dive-bench-start-');
  const clone = join(root, 'clone');
  const hub = join(clone, 'stacks', 'hub');
  const dive = join(clone, 'dive');
  try {
    await copyHubTo(hub, 'BENCH', [`COMPOSE_PROJECT_NAME=${PROJECT}`]);
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
