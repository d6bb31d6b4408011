// 200 services that need nothing of each other, and a chain of 60: ours against Compose's.
import type { Bench } from './dive-command.ts';
import type { NamedRun } from './raise.ts';
import { type BenchProject, crowdProjects } from './projects.ts';
import { andDown, composeUp, diveDown, diveUp } from './raise.ts';

export interface CrowdBench {
  readonly bench: Bench;
  readonly compose: readonly string[];
  readonly say: (line: string) => void;
}

/** Who goes first changes with the round. */
export async function crowdRound(context: CrowdBench, kind: 'many' | 'deep', round: number): Promise<NamedRun[]> {
  const { theirs, ours, oursAsCompose } = crowdProjects(context.bench.root, kind);
  const runs = [
    () => theirRun(context, theirs, `compose-${kind}`),
    () => ourRun(context, ours, `dive-${kind}`),
    () => ourRun(context, oursAsCompose, `dive-${kind}-as-compose`),
  ];
  if (round % 2 === 1) runs.reverse();
  const done: NamedRun[] = [];
  for (const run of runs) {
    const one = await run();
    context.say(`${one.name}: ${Math.round(one.wallMs)} ms`);
    done.push(one);
  }
  return done;
}

async function theirRun({ compose }: CrowdBench, project: BenchProject, name: string): Promise<NamedRun> {
  return andDown(compose, project, async () => ({ name, wallMs: await composeUp(compose, project) }));
}

async function ourRun({ bench, compose }: CrowdBench, project: BenchProject, name: string): Promise<NamedRun> {
  return andDown(compose, project, async () => {
    const { wallMs } = await diveUp(bench, project);
    await diveDown(bench, project);
    return { name, wallMs };
  });
}
