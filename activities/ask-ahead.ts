// Who takes long to start takes long for its first real answer, too (a JVM's first token), and at the end everybody
// waits for that. So it is asked as soon as the service has opened, while those that waited for it start. With the last
// one all that have opened are asked: while its readiness is handed on.
import { execInContainer } from '../adapters/docker/exec.ts';
import { inspectContainer } from '../adapters/docker/inspect.ts';
import { askProbe } from '../adapters/probes/ask.ts';
import type { Exec, Probe } from '../adapters/probes/probe.ts';
import { FRESH_MS } from '../adapters/probes/round.ts';
import type { PlannedService } from '../domain/deployment.ts';
import { mask } from '../domain/mask.ts';
import type { ProbeResult } from '../schema/probe.ts';
import type { OperationContext } from './operation-context.ts';

type Asking = Pick<OperationContext, 'engine'> & { readonly spec: Pick<OperationContext['spec'], 'secrets'> };

interface Place extends Pick<PlannedService, 'expectedMs' | 'rankMs'> {
  /** When it is ready, everything should be. @default false */
  readonly isLast?: boolean | undefined;
}

interface Early {
  readonly answer: ProbeResult;
  readonly atMs: number;
}

/** A container that has opened, and its deepest question. */
interface Opened {
  readonly probe: Probe;
  early?: Promise<Early | undefined>;
}

/** Quicker ones answer quickly. */
const SLOW_MS = 5000;

/** By container id. Of this process only: any other worker asks when it verifies. */
const opened = new WeakMap<Asking, Map<string, Opened>>();

/**
 * Begins to ask a service's containers where it is worth it, with the last one all that have opened; nobody waits here,
 * and a bad answer is nobody's failure yet.
 */
export function askAhead(context: Asking, place: Place, ids: readonly string[], probes: readonly Probe[]): void {
  const all = opened.get(context) ?? new Map<string, Opened>();
  opened.set(context, all);
  const [probe, ...others] = probes.filter((p) => p.level === 4);
  if (probe && others.length === 0) for (const id of ids) all.set(id, { probe });
  const asked = place.isLast ? [...all.keys()] : isWorthIt(place) ? ids : [];
  for (const id of asked) void beginAnew(context, id, all.get(id));
}

function isWorthIt({ expectedMs, rankMs }: Place): boolean {
  const afterMs = rankMs - expectedMs;
  return expectedMs >= SLOW_MS && afterMs > 0 && afterMs <= FRESH_MS;
}

/** The good answer, secrets masked, or undefined: bad, too old, or never asked for. Waits for one that is under way. */
export async function askedAhead(context: Asking, containerId: string): Promise<ProbeResult | undefined> {
  const early = await opened.get(context)?.get(containerId)?.early;
  return early?.answer.ok && early.answer.level === 4 && Date.now() - early.atMs <= FRESH_MS ? early.answer : undefined;
}

/** Unless its answer will do. */
async function beginAnew(context: Asking, id: string, one: Opened | undefined): Promise<void> {
  if (!one || (one.early && (await askedAhead(context, id)))) return;
  one.early = ask(context, id, one.probe).catch(() => undefined);
}

async function ask(context: Asking, id: string, probe: Probe): Promise<Early | undefined> {
  const container = await inspectContainer(context.engine, id);
  if (!container) return undefined;
  const exec: Exec = (argv, options) => execInContainer(context.engine, id, argv, options);
  const answer = await askProbe(probe, { container, exec, nowMs: Date.now(), attempt: 0 });
  return { answer: { ...answer, evidence: mask(answer.evidence, context.spec.secrets) }, atMs: Date.now() };
}
