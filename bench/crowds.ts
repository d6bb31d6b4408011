// 200 services that need nothing of each other, and a chain of 60: ours against Compose's.
import type { Bench } from './dive-command.ts';
import type { NamedRun } from './raise.ts';
import { type BenchProject, deepProjects, manyProjects } from './projects.ts';
import { composeDown, composeUp, diveDown, diveUp } from './raise.ts';

export interface CrowdBench {
  readonly bench: Bench;
  readonly compose: readonly string[];
  readonly say: (line: string) => void;
}

/** Who goes first changes with the round. */
export async function crowdRound(context: CrowdBench, kind: 'many' | 'deep', round: number): Promise<NamedRun[]> {
  const make = kind === 'many' ? manyProjects : deepProjects;
  const [theirs, ours] = make(context.bench.root);
  const runs = [() => theirRun(context, theirs, `compose-${kind}`), () => ourRun(context, ours, `dive-${kind}`)];
  if (round % 2 === 1) runs.reverse();
  const done: NamedRun[] = [];
  for (const run of runs) {
    const one = await run();
    context.say(`${one.name}: ${Math.round(one.wallMs)} ms`);
    done.push(one);
  }
  return done;
}

async function theirRun(context: CrowdBench, project: BenchProject, name: string): Promise<NamedRun> {
  try {
    return { name, wallMs: await composeUp(context.compose, project) };
  } finally {
    await composeDown(context.compose, project);
  }
}

async function ourRun(context: CrowdBench, project: BenchProject, name: string): Promise<NamedRun> {
  try {
    const { wallMs } = await diveUp(context.bench, project);
    await diveDown(context.bench, project);
    return { name, wallMs };
  } finally {
    await composeDown(context.compose, project);
  }
}
