// One run of one variant: up, up again with nothing to do, down. Times are wall times of the whole command.
import type { Bench } from './dive-command.ts';
import { mustExecute } from './execute.ts';
import type { BenchProject } from './projects.ts';

export interface EngineCalls {
  readonly read: number;
  readonly exec: number;
  readonly mutate: number;
}

/** What `dive up --json` said. */
export interface DiveRun {
  readonly wallMs: number;
  readonly instance: string;
  readonly engineCalls: EngineCalls;
  /** Verdicts by service, milliseconds since 1970. */
  readonly verdictAtMs: ReadonlyMap<string, number>;
}

export interface NamedRun {
  readonly name: string;
  readonly wallMs: number;
}

/** Compose raises it, raises it again with nothing to do, and takes it down. */
export async function composeRun(
  { compose, say }: { readonly compose: readonly string[]; readonly say: (line: string) => void },
  project: BenchProject,
  name: string,
): Promise<NamedRun[]> {
  return andDown(compose, project, async () => {
    const up = await composeUp(compose, project);
    const noop = await composeUp(compose, project);
    say(`${name}: up ${Math.round(up)} ms, again ${Math.round(noop)} ms`);
    return [
      { name, wallMs: up },
      { name: `${name}-noop`, wallMs: noop },
    ];
  });
}

export async function composeUp(compose: readonly string[], project: BenchProject): Promise<number> {
  return (await mustExecute([...compose, ...(project.flags ?? []), 'up', '-d', '--wait'], { cwd: project.folder }))
    .wallMs;
}

/**
 * Runs `work`, then takes the project down, whatever went wrong: nothing of it stays. Both failures are told when there
 * are two; the first is why.
 */
export async function andDown<T>(
  compose: readonly string[],
  project: BenchProject,
  work: () => Promise<T>,
): Promise<T> {
  const [done] = await Promise.allSettled([work()]);
  const [down] = await Promise.allSettled([unlessMiscounted(project, () => composeDown(compose, project))]);
  const failures = [done, down].flatMap((d): unknown[] => (d.status === 'rejected' ? [d.reason] : []));
  if (failures.length > 1) throw new AggregateError(failures, `${project.name} failed, and taking it down, too`);
  if (done.status === 'rejected') throw done.reason;
  if (down.status === 'rejected') throw down.reason;
  return done.value;
}

/** Of a crowd that ends at once the engine miscounts who is on its network, and the network stays until the engine restarts. */
const END_AT_ONCE = 4;

async function composeDown(compose: readonly string[], project: BenchProject): Promise<void> {
  const label = `label=com.docker.compose.project=${project.name}`;
  const { stdout } = await mustExecute(['docker', 'ps', '-aq', '--filter', label]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  while (ids.length > 0)
    await Promise.all(ids.splice(0, END_AT_ONCE).map((id) => mustExecute(['docker', 'rm', '-fv', id])));
  await mustExecute([...compose, ...(project.flags ?? []), 'down', '--volumes', '--timeout', '0'], {
    cwd: project.folder,
  });
}

export async function diveUp(bench: Bench, project: BenchProject): Promise<DiveRun> {
  const ran = await bench.dive(['up', '--json', ...(project.flags ?? [])], project.folder);
  const lines = ran.stdout
    .split('\n')
    .filter((l) => l !== '')
    .map((l): unknown => JSON.parse(l));
  const result = lines.find(isResult);
  if (result === undefined) throw new Error(`dive up of ${project.name} gave no result`);
  const healthy = lines.filter(isHealthy).map((e): [string, number] => [e.service, e.atMs]);
  return {
    wallMs: ran.wallMs,
    instance: result.instance,
    engineCalls: result.engineCalls,
    verdictAtMs: new Map(healthy),
  };
}

export async function diveDown(bench: Bench, project: BenchProject): Promise<void> {
  await unlessMiscounted(project, () =>
    bench.dive(['down', '--volumes', '--json', ...(project.flags ?? [])], project.folder),
  );
}

/** What Docker says, and what dive says, of a network that stays although nobody is on it. */
const MISCOUNTED = /has active endpoints|Docker counts it in use/;

/** A network that only a restart of Docker removes is told, and does not undo what was measured before. */
async function unlessMiscounted(project: BenchProject, down: () => Promise<unknown>): Promise<void> {
  try {
    await down();
  } catch (error) {
    if (!(error instanceof Error && MISCOUNTED.test(error.message))) throw error;
    process.stderr.write(
      `left over: the network of ${project.name}; Docker miscounts who is on it until it restarts\n`,
    );
  }
}

/** When each stand-in said that it is ready, by the engine's clock; milliseconds since 1970. */
export async function readyInstants(project: BenchProject, services: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const service of services) {
    const { stdout } = await mustExecute(['docker', 'logs', '--timestamps', `${project.name}-${service}-1`]);
    const line = stdout.split('\n').find((l) => l.endsWith(' ready'));
    if (line !== undefined) found.set(service, Date.parse(line.slice(0, line.indexOf(' '))));
  }
  return found;
}

function isResult(value: unknown): value is { instance: string; engineCalls: EngineCalls } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'result';
}

function isHealthy(value: unknown): value is { service: string; atMs: number } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'healthy';
}
