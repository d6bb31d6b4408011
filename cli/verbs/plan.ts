// `dive plan`: the same comparison as the workflow's, in this process, by reading calls alone.
import '../lean-zod.ts';
import { planFacts } from '../../adapters/docker/change-causes.ts';
import { placeFindings } from '../../adapters/compose/place-findings.ts';
import { memoryWarnings } from '../../adapters/docker/memory.ts';
import { preflight } from '../../adapters/docker/preflight.ts';
import { probeFindings } from '../../adapters/probes/choose.ts';
import { NO_HISTORY, type ServiceHistory, assemblePlan } from '../../domain/assemble-plan.ts';
import { shortPlanId } from '../../domain/names.ts';
import { isChange } from '../../domain/plan.ts';
import { sha256Hex } from '../../schema/digest.ts';
import type { Finding } from '../../schema/finding.ts';
import type { PullOption } from '../../schema/inputs.ts';
import type { Plan, PlanOperation } from '../../schema/plan.ts';
import type { ProjectSpec } from '../../schema/spec.ts';
import type { ServerAddress } from '../../server/address-file.ts';
import { EXIT, invalid } from '../exit.ts';
import { assertDistinctProjects } from '../distinct-projects.ts';
import { about, fit } from '../output/durations.ts';
import { shortList } from '../../domain/short-list.ts';
import { type ResolvedTarget, beginReading, finishReading } from '../resolve.ts';
import type { Session } from '../session.ts';
import { planSpecs } from '../plan-specs.ts';
import { type ComposeFlags, findTargets } from '../targets.ts';

export interface PlanFlags extends ComposeFlags {
  readonly build?: boolean;
  readonly pull?: PullOption;
  readonly adopt?: boolean;
  readonly specs?: boolean;
}

export async function plan(session: Session, codes: readonly string[], flags: PlanFlags): Promise<number> {
  const targets = await findTargets(session.config, flags, codes);
  const compose = await session.compose();
  const calls = { read: 0, mutate: 0 };
  let pending = false;
  const begun = await Promise.all(targets.map((target) => beginReading(target, compose)));
  const apiVersion = targets.some((t) => t.site === 'local') ? (await session.engine()).apiVersion : undefined;
  const all = await Promise.all(begun.map((one) => finishReading(one, apiVersion)));
  assertDistinctProjects(all);
  for (const resolved of all) {
    const isHere = resolved.site === 'local';
    const made = isHere ? await planOne(session, resolved, flags) : await planThere(session, resolved, flags, calls);
    session.output.json(made);
    if (flags.specs) session.output.json(planSpecs(resolved.code, resolved.project));
    if (made.errors.length > 0) throw invalid(made.errors, resolved.code);
    sayPlan(session, made);
    pending ||= made.operations.some(isChange);
  }
  const here = targets.some((t) => t.site === 'local') ? (await session.engine()).counts : { read: 0, mutate: 0 };
  session.output.say(`${calls.read + here.read} reading calls, ${calls.mutate + here.mutate} changing ones.`);
  return pending ? EXIT.pending : EXIT.done;
}

/** Adds to `calls` what the other site's engine was asked. */
async function planThere(
  session: Session,
  target: ResolvedTarget,
  flags: PlanFlags,
  calls: { read: number; mutate: number },
): Promise<Plan> {
  const { planElsewhere } = await import('../plan-elsewhere.ts');
  const { plan: made, engineCalls } = await planElsewhere(session, target, flags);
  calls.read += engineCalls.read;
  calls.mutate += engineCalls.mutate;
  return { ...made, warnings: dedupe([...target.warnings, ...made.warnings]), errors: dedupe(made.errors) };
}

async function planOne(session: Session, target: ResolvedTarget, flags: PlanFlags): Promise<Plan> {
  const engine = await session.engine();
  const remembering = remembered(session, target);
  const stored = remembering.then((r) => r.stored);
  // Whoever fails first is heard below.
  stored.catch(() => undefined);
  const [{ survey, facts }, known] = await Promise.all([planFacts(engine, target.project, stored), remembering]);
  const assembled = assemblePlan(target.project, known.spec, {
    ...facts,
    history: known.history,
    build: flags.build === true,
    pull: flags.pull,
  });
  const probes = target.project.services.map((s) => probeFindings(s, survey.images.get(s.image)));
  const errors: readonly Finding[] = known.conflict
    ? [{ code: 'DIVE-1008', message: known.conflict }]
    : assembled.deployment.changes === 0
      ? []
      : await preflight(engine, target.project, survey, {
          ...(known.storeId === undefined ? {} : { storeId: known.storeId }),
          adopt: flags.adopt === true || known.adopted,
        });
  const memory = assembled.deployment.changes === 0 ? [] : await memoryWarnings(engine, target.project);
  return {
    version: 1,
    instance: target.code,
    planId: shortPlanId(sha256Hex(assembled.canonical)),
    operations: [...assembled.operations],
    criticalPath: [...assembled.deployment.criticalPath],
    criticalPathMs: assembled.deployment.criticalPathMs,
    away: [...assembled.away],
    warnings: dedupe([...target.warnings, ...assembled.findings, ...memory, ...probes.flatMap((p) => p.warnings)]),
    errors: await placeFindings(dedupe([...probes.flatMap((p) => p.errors), ...errors]), target.project.source.files),
  };
}

function dedupe(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((f) => [`${f.code} ${f.message}`, f])).values()];
}

interface Known {
  readonly history: ServiceHistory;
  /** Digest that the spec has, or would have, in the store. */
  readonly spec: string;
  readonly adopted: readonly string[];
  readonly storeId?: string;
  readonly stored?: ProjectSpec;
  /** Why `up` would not register it. */
  readonly conflict?: string | undefined;
}

/** What a running server knows; a plan needs none. */
async function remembered(session: Session, target: ResolvedTarget): Promise<Known> {
  const server = await session.runningServer();
  const nothing = { history: NO_HISTORY, adopted: [], spec: await specDigest(server, target) };
  if (!server) return nothing;
  const [{ openStore }, { serviceHistory }, instances, { adoptedStores }, releases, specs] = await Promise.all([
    import('../../adapters/store/connect.ts'),
    import('../../adapters/store/steps.ts'),
    import('../../adapters/store/instances.ts'),
    import('../../adapters/store/operations.ts'),
    import('../../adapters/store/releases.ts'),
    import('../../adapters/store/read-spec.ts'),
  ]);
  const store = await openStore({ databaseUrl: server.databaseUrl, keyFile: server.keyFile, max: 2 });
  try {
    const { code, site } = target;
    const registration = { code, site, project: target.project.project, folder: target.source.workingDir };
    const [history, storeId, conflict, adopted, release] = await Promise.all([
      serviceHistory(store, target.code),
      instances.storeId(store),
      instances.registrationConflict(store, registration),
      adoptedStores(store, target.code),
      releases.currentRelease(store, target.code),
    ]);
    const stored = release && (await specs.getSpec(store, release.spec_digest));
    return { ...nothing, history, adopted, storeId, conflict, ...(stored && { stored }) };
  } catch (error) {
    session.output.note(
      `the database of the running server does not answer, so nothing is known of earlier times: ${error instanceof Error ? error.message : String(error)}`,
    );
    return nothing;
  } finally {
    await store.close();
  }
}

/**
 * The digest under which `up` will store the spec, so that both make the same plan id of it. The key is made here when
 * there is none yet: a digest without one would tell short passwords to whoever sees the id.
 */
async function specDigest(server: ServerAddress | undefined, target: ResolvedTarget): Promise<string> {
  const [{ keyedDigest, readKey }, { serverConfig }, { secretFile }] = await Promise.all([
    import('../../adapters/store/encryption.ts'),
    import('../../server/config.ts'),
    import('../../server/home.ts'),
  ]);
  const file = server?.keyFile ?? serverConfig().keyFile;
  return keyedDigest(readKey(secretFile(file)), JSON.stringify(target.project));
}

const MARK = {
  keep: '=',
  create: '+',
  recreate: '~',
  start: '>',
  restart: '↻',
  remove: '-',
  pull: 'v',
  build: 'b',
  network: '+',
  rebuild: '~',
  volume: '+',
} as const;

/** On a terminal that is too narrow the cause gets a line of its own. */
export function planLine(o: PlanOperation, width: number, columns: number): string[] {
  const whole = `  ${MARK[o.op]} ${o.target.padEnd(width)}  ${o.op.padEnd(8)}  ${o.cause}`;
  if (whole.length <= columns) return [whole];
  return [fit(`${o.target} ${o.op}`, columns - 4, `  ${MARK[o.op]} `), fit(o.cause, columns - 6, '      ')];
}

/** How long images take nobody knows. */
function afterImages(changes: readonly PlanOperation[]): string {
  const images = changes.filter((o) => o.op === 'pull' || o.op === 'build');
  const [first] = images;
  if (first === undefined) return '';
  if (images.length === 1) return ` after the ${first.op}`;
  return ` after ${images.every((o) => o.op === first.op) ? `${images.length} ${first.op}s` : `${images.length} images`}`;
}

function sayPlan(session: Session, made: Plan): void {
  const { output } = session;
  for (const w of made.warnings) output.note(`${output.symbol('degraded')} ${w.message}`);
  const changes = made.operations.filter(isChange);
  const kept = made.operations.filter((o) => !isChange(o));
  const time = made.criticalPathMs > 0 ? ` · ${about(made.criticalPathMs)}${afterImages(changes)}` : '';
  const counted =
    changes.length === 0
      ? `nothing to do, ${kept.length} stay as they are`
      : `${changes.length} to change, ${kept.length} stay as they are${time}`;
  output.say(
    `${made.instance}: ${[counted, ...made.away.map((a) => `${a.service} is away for ${about(a.ms)}`)].join(' · ')}`,
  );
  const width = Math.max(8, ...changes.map((o) => o.target.length));
  for (const o of changes) for (const line of planLine(o, width, output.answerColumns)) output.say(line);
  if (kept.length > 0)
    output.say(
      `  = ${shortList(
        kept.map((o) => o.target),
        ' ',
      )}`,
    );
  if (made.criticalPath.length > 0) output.say(`  longest path: ${shortList(made.criticalPath)}`);
  if (changes.length > 0) output.say(`Exactly this: dive up --plan ${made.planId}`);
}
