// `npm run compose:compare -- <folder>`: every project of the folder, one line each, on an engine of its own.
// Exit code 1 when one of them differs from what Compose makes, 2 when the comparison itself cannot run.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { composeCommand } from '../support/compose-command.ts';
import { startSecondEngine } from '../support/second-engine.ts';
import { importStandIn } from '../support/stand-in-image.ts';
import { compareProject } from './compare-project.ts';

const [folder] = process.argv.slice(2);

async function main(): Promise<number> {
  const projects = projectsOf(path.resolve(folder ?? '.'));
  if (projects.length === 0) {
    process.stderr.write(`no project with meta.json and expected.json in ${folder ?? '.'}\n`);
    return 2;
  }
  const [program = 'docker', ...first] = composeCommand();
  if (spawnSync(program, [...first, 'version']).status !== 0) {
    process.stderr.write('the Compose plugin is missing; npm test brings it, or name the command in DIVE_COMPOSE\n');
    return 2;
  }
  const second = await startSecondEngine();
  const stopAndEnd = (): void => void second.stop().finally(() => process.exit(130));
  process.once('SIGINT', stopAndEnd).once('SIGTERM', stopAndEnd);
  try {
    const docker = new Docker({ socketPath: second.socket });
    const standIn = 'bb:1';
    await importStandIn(docker, 'bb', '1');
    const engine = { docker, socket: second.socket, composeCommand: composeCommand(), standIn };
    let failed = 0;
    for (const project of projects) {
      const started = Date.now();
      const { containers, complaints } = await compareProject(engine, project);
      const verdict = complaints.length === 0 ? 'equal ' : 'DIFFERS';
      process.stdout.write(
        `${verdict} ${path.basename(project)}  ${containers} containers, ${Date.now() - started} ms\n`,
      );
      for (const complaint of complaints) process.stdout.write(`        ${complaint}\n`);
      if (complaints.length > 0) failed += 1;
    }
    return failed === 0 ? 0 : 1;
  } finally {
    await second.stop();
  }
}

function projectsOf(root: string): string[] {
  const isProject = (at: string): boolean =>
    ['meta.json', 'expected.json'].every((file) => existsSync(path.join(at, file)));
  if (isProject(root)) return [root];
  return readdirSync(root)
    .sort()
    .map((name) => path.join(root, name))
    .filter(isProject);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
