// The real hub, in turn: Compose with 1 s intervals, Compose as the old hub had them, dive, and dive with a Keycloak that
// makes its tables itself. Each from built images and empty volumes.
import type { Bench } from './dive-command.ts';
import type { EngineCost } from './engine-cost.ts';
import { type EngineEvent, recordEvents } from './engine-events.ts';
import { mustExecute } from './execute.ts';
import { projectPssMb, serverPssMb } from './memory.ts';
import type { BenchProject } from './projects.ts';
import { type NamedRun, andDown, composeRun, diveDown, diveUp } from './raise.ts';
import type { RealHub } from './real-hub-project.ts';
import { type ServiceTimes, criticalPathMs } from './timeline.ts';

export interface RealHubRound {
  readonly runs: readonly NamedRun[];
  readonly criticalPathMs: number;
  readonly pssMb: number;
  readonly serverPssMb: number;
}

export interface RealHubBench {
  readonly bench: Bench;
  readonly compose: readonly string[];
  readonly cost: EngineCost;
  readonly say: (line: string) => void;
}

/** What each service waits for, and the line of its log that it writes when it can serve; OPA writes none, Keycloak listens long before. */
const SERVICES: readonly { readonly name: string; readonly after: readonly string[]; readonly ready?: RegExp }[] = [
  { name: 'postgres', after: [], ready: /database system is ready to accept connections/ },
  { name: 'redis', after: [], ready: /Ready to accept connections/ },
  { name: 'opa', after: [] },
  { name: 'keycloak', after: ['postgres'], ready: /Bootstrap completed in / },
  { name: 'backend', after: ['postgres', 'redis', 'keycloak', 'opa'], ready: /"message":"listening"/ },
];

/** Who goes first changes with the round. */
export async function realHubRound(context: RealHubBench, hub: RealHub, round: number): Promise<RealHubRound> {
  const runs: NamedRun[] = [];
  let ours: Omit<RealHubRound, 'runs'> | undefined;
  const variants = [
    async () => void runs.push(...(await composeRun(context, hub.tuned, 'hub-compose-tuned'))),
    async () => void runs.push(...(await composeRun(context, hub.shipped, 'hub-compose-shipped'))),
    async () => {
      const { runs: own, ...rest } = await diveRun(context, hub.ours);
      runs.push(...own);
      ours = rest;
    },
    async () => void runs.push(await withoutTables(context, hub)),
  ];
  for (let n = 0; n < variants.length; n += 1) await variants[(n + round) % variants.length]?.();
  if (ours === undefined) throw new Error('dive was not run');
  return { runs, ...ours };
}

async function diveRun(context: RealHubBench, project: BenchProject): Promise<RealHubRound> {
  const { bench, compose, cost, say } = context;
  return andDown(compose, project, async () => {
    await using record = await recordEvents();
    const up = await diveUp(bench, project);
    const noop = await diveUp(bench, project);
    const times = await serviceTimes(project, record.events, cost);
    const pathMs = criticalPathMs(times, cost);
    const pssMb = await projectPssMb(project.name);
    say(`hub-dive: up ${Math.round(up.wallMs)} ms, again ${Math.round(noop.wallMs)} ms; path ${Math.round(pathMs)} ms`);
    say(`own times: ${times.map((t) => `${t.service} ${t.readyS.toFixed(1)}`).join(', ')} s; ${pssMb} MiB`);
    await diveDown(bench, project);
    return {
      runs: [
        { name: 'hub-dive', wallMs: up.wallMs },
        { name: 'hub-dive-noop', wallMs: noop.wallMs },
      ],
      criticalPathMs: pathMs,
      pssMb,
      serverPssMb: serverPssMb(bench.home),
    };
  });
}

/** What the tables that are made before are worth: the same hub without them. */
async function withoutTables({ bench, compose, say }: RealHubBench, hub: RealHub): Promise<NamedRun> {
  const name = 'hub-dive-own-tables';
  return andDown(compose, hub.ours, async () => {
    hub.makeTables(false);
    try {
      const { wallMs } = await diveUp(bench, hub.ours);
      say(`${name}: up ${Math.round(wallMs)} ms`);
      await diveDown(bench, hub.ours);
      return { name, wallMs };
    } finally {
      hub.makeTables(true);
    }
  });
}

async function serviceTimes(
  project: BenchProject,
  events: readonly EngineEvent[],
  cost: EngineCost,
): Promise<ServiceTimes[]> {
  const own = events.filter((e) => e.type === 'container' && e.project === project.name);
  return Promise.all(
    SERVICES.map(async ({ name, after, ready }) => {
      const created = own.find((e) => e.action === 'create' && e.service === name);
      const started = own.find((e) => e.action === 'start' && e.service === name);
      const connected = events.find((e) => e.action === 'connect' && e.container === created?.container);
      if (!created || !started || !connected) throw new Error(`the run of ${name} left no complete record`);
      const readyAtMs = ready === undefined ? started.atMs : await lineAtMs(project, name, ready);
      return {
        service: name,
        after,
        createdAtMs: created.atMs,
        startedAtMs: started.atMs,
        engineStartMs: started.atMs - connected.atMs + cost.startLeadMs,
        readyAtMs,
        readyS: Math.max(0, readyAtMs - started.atMs) / 1000,
        verdictAtMs: readyAtMs,
      };
    }),
  );
}

/** When the service last wrote such a line, by the engine's clock; PostgreSQL says it during initialisation, too. */
async function lineAtMs(project: BenchProject, service: string, ready: RegExp): Promise<number> {
  const { stdout, stderr } = await mustExecute(['docker', 'logs', '--timestamps', `${project.name}-${service}-1`]);
  const line = `${stdout}\n${stderr}`
    .split('\n')
    .filter((l) => ready.test(l))
    .toSorted()
    .at(-1);
  if (line === undefined) throw new Error(`${service} never said that it is ready`);
  return Date.parse(line.slice(0, line.indexOf(' ')));
}
