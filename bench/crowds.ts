// 200 services that need nothing of each other, and a chain of 60: ours against Compose's.
import type { Bench } from './dive-command.ts';
import { type BenchProject, type CrowdKind, crowdProjects } from './projects.ts';
import { type NamedRun, andDown, composeUp, diveDown, diveUp } from './raise.ts';

export interface CrowdBench {
  readonly bench: Bench;
  readonly compose: readonly string[];
  readonly say: (line: string) => void;
}

/** Both, one right after the other. */
export interface CrowdPair {
  readonly kind: CrowdKind;
  readonly theirs: NamedRun;
  readonly ours: NamedRun;
}

/**
 * From one minute to the next the same crowd takes a fifth longer, or less: neighbours are compared, and so many pairs of
 * them that one does not decide.
 */
export function pairsOf(repeats: number): number {
  return 2 * repeats - 1;
}

/** Who goes first changes with the round. */
export async function crowdPair(context: CrowdBench, kind: CrowdKind, round: number): Promise<CrowdPair> {
  const projects = crowdProjects(context.bench.root, kind);
  const our = (): Promise<NamedRun> => ourRun(context, projects.ours, `dive-${kind}`);
  const early = round % 2 === 1 ? await our() : undefined;
  const theirs = await theirRun(context, projects.theirs, `compose-${kind}`);
  const ours = early ?? (await our());
  context.say(`${kind}: ours ${Math.round(ours.wallMs)} ms, theirs ${Math.round(theirs.wallMs)} ms`);
  return { kind, theirs, ours };
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
