// The services of one instance, each asked now: what `dive status` shows.
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../adapters/docker/connect.ts';
import { execInContainer } from '../adapters/docker/exec.ts';
import { inspectContainer, inspectImage } from '../adapters/docker/inspect.ts';
import { effectiveHealthCheck } from '../adapters/docker/survey.ts';
import { chooseProbes } from '../adapters/probes/choose.ts';
import { observe } from '../adapters/probes/observe.ts';
import { type Patient, dependantsOfSick, victims } from '../domain/blame.ts';
import { mask } from '../domain/mask.ts';
import { completes } from '../domain/one-shot.ts';
import { SETTLE_MS } from '../domain/timing.ts';
import { judge, watch } from '../domain/verdict.ts';
import type { ObservedContainer } from '../schema/observed.ts';
import type { ProjectSpec, ServiceSpec } from '../schema/spec.ts';

export interface ServiceStatus {
  readonly service: string;
  readonly class: string;
  readonly container: string | null;
  readonly level: number;
  readonly healthy: boolean;
  readonly evidence: string;
  /** The sick service it needs that is the root of it; null for who is healthy, or the root itself. */
  readonly victimOf: string | null;
  /** ISO 8601; when the container started. */
  readonly since: string | null;
}

/** How it is now, never how long it may still take. */
const ONE_LOOK = { timeoutMs: Number.MAX_SAFE_INTEGER };

/** Who needs no longer than this to prove itself by running on is waited for: it is neither sick nor well before. */
const PATIENCE_MS = SETTLE_MS;

/**
 * All at once; who was started just now and has no check, once more when running on is proof; then the healthy ones
 * again that need a sick one: the engine's last check of theirs may be older than what broke.
 */
export async function askServices(
  engine: Engine,
  project: ProjectSpec,
  containers: readonly ObservedContainer[],
): Promise<ServiceStatus[]> {
  const ask = (service: ServiceSpec, anew: boolean) => askService(engine, project, service, containers, anew);
  const first = await Promise.all(
    project.services.map(async (service) => {
      const young = await ask(service, false);
      const inMs = young.provenInMs ?? Number.POSITIVE_INFINITY;
      if (inMs > PATIENCE_MS) return young.status;
      await pause(inMs);
      return (await ask(service, false)).status;
    }),
  );
  const doubted = dependantsOfSick(patients(project, first));
  const looks = await Promise.all(
    first.map(async (seen) => {
      const doubtful = doubted.has(seen.service) ? project.services.find((s) => s.name === seen.service) : undefined;
      return doubtful === undefined ? seen : (await ask(doubtful, true)).status;
    }),
  );
  const roots = victims(patients(project, looks));
  return looks.map((s) => ({ ...s, victimOf: roots.get(s.service) ?? null }));
}

function patients(project: ProjectSpec, looks: readonly { readonly healthy: boolean }[]): Patient[] {
  return project.services.map((s, i) => ({ ...s, healthy: looks[i]?.healthy ?? false }));
}

interface Asked {
  readonly status: Omit<ServiceStatus, 'victimOf'>;
  /** It is sick only because it has not run long enough: milliseconds until it has. */
  readonly provenInMs?: number | undefined;
}

async function askService(
  engine: Engine,
  project: ProjectSpec,
  service: ServiceSpec,
  containers: readonly ObservedContainer[],
  askAnew: boolean,
): Promise<Asked> {
  const base = { service: service.name, class: service.class };
  const wanted = service.containers.map((c) => containers.find((o) => o.name === c.name));
  if (wanted.some((c) => c === undefined) || wanted.length === 0) {
    const evidence = wanted.length === 0 ? 'no container wanted' : 'its container is gone';
    return { status: { ...base, container: null, level: 1, healthy: wanted.length === 0, evidence, since: null } };
  }
  const image = await inspectImage(engine, service.image);
  const probes = chooseProbes(service, image);
  const looks = await Promise.all(
    wanted
      .flatMap((c) => (c ? [c.id] : []))
      .map(async (id) => {
        const container = await inspectContainer(engine, id);
        const seen = await observe({
          container,
          probes,
          exec: (argv, options) => execInContainer(engine, id, argv, options),
          attempt: 0,
          askAnew,
        });
        const done = seen.state === 'exited' && seen.exitCode === 0 && completes(service, project) !== 'no';
        const judgement = judge(watch(undefined, seen, ONE_LOOK), ONE_LOOK);
        return {
          container,
          healthy: done || judgement.verdict === 'healthy',
          provenInMs: seen.probes.find((p) => !p.ok)?.provenInMs,
          evidence: done ? 'completed, exit 0' : judgement.evidence,
          level: Math.max(
            effectiveHealthCheck(service, image) ? 2 : 1,
            ...seen.probes.filter((p) => p.ok).map((p) => p.level),
          ),
        };
      }),
  );
  const sick = looks.filter((l) => !l.healthy);
  // Who is sick for another reason as well is the worst; else who needs the longest.
  const worst =
    sick.find((l) => l.provenInMs === undefined) ??
    sick.toSorted((a, b) => (b.provenInMs ?? 0) - (a.provenInMs ?? 0))[0] ??
    looks[0];
  const { startedAtMs } = worst?.container ?? {};
  const status = {
    ...base,
    container: worst?.container?.name ?? null,
    level: worst?.level ?? 1,
    healthy: worst?.healthy ?? false,
    evidence: mask(worst?.evidence ?? '', project.secrets),
    since: startedAtMs === undefined ? null : new Date(startedAtMs).toISOString(),
  };
  return { status, provenInMs: worst?.provenInMs };
}
