// `dive up`: register, start, follow, say how it ended.
import type { DeploymentResult } from '../../domain/deployment.ts';
import { FAILURES, type FailureDetails } from '../../domain/failures.ts';
import type { DeployOptions, PullOption } from '../../schema/inputs.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { assertDistinctProjects } from '../distinct-projects.ts';
import { follow } from '../follow.ts';
import { lockedFailure } from '../locked.ts';
import { duration, fit } from '../output/durations.ts';
import type { Output } from '../output/output.ts';
import { progressView } from '../output/progress-view.ts';
import { shortList } from '../../domain/short-list.ts';
import { type ResolvedTarget, beginReading, finishReading } from '../resolve.ts';
import { withSecrets } from '../with-secrets.ts';
import type { Session } from '../session.ts';
import { type ComposeFlags, findTargets } from '../targets.ts';

export interface UpFlags extends ComposeFlags {
  readonly build?: boolean;
  readonly pull?: PullOption;
  readonly keepFailed?: boolean;
  readonly adopt?: boolean;
  readonly move?: boolean;
  readonly wait?: boolean;
  readonly timeoutMs?: number;
  readonly plan?: string;
}

/** Worst first: which exit code a topology gets. */
const WORST = [EXIT.notRolledBack, EXIT.unreachable, EXIT.failed, EXIT.locked, EXIT.cancelled, EXIT.invalid];

/** Hub first, then spokes; a failed hub stops the rest. Gives the worst exit code. */
export async function up(
  session: Session,
  codes: readonly string[],
  flags: UpFlags,
  detach: AbortSignal,
): Promise<number> {
  const targets = await findTargets(session.config, flags, codes);
  const compose = await session.compose();
  // Compose reads in processes of its own while this one loads what it needs for the connections: neither waits.
  const begun = await Promise.all(targets.map((target) => beginReading(target, compose)));
  const engine = targets.some((t) => t.site === 'local') ? session.engine() : Promise.resolve(undefined);
  const apiVersion = engine.then((e) => e?.apiVersion);
  apiVersion.catch(() => undefined);
  const reading = Promise.all(begun.map((one) => finishReading(one, apiVersion)));
  reading.catch(() => undefined);
  const opening = Promise.all([session.temporal(), session.store()]);
  opening.catch(() => undefined);
  // An engine that does not answer is said before anything else is.
  await engine;
  const resolved: ResolvedTarget[] = await reading;
  assertDistinctProjects(resolved);
  for (const [i, target] of resolved.entries()) {
    if (target.toGenerate.length > 0) resolved[i] = await withSecrets(session, target, compose, await apiVersion);
  }
  const codesOfFailures: number[] = [];
  for (const target of resolved) {
    const code = await upOne(session, target, flags, detach);
    if (code !== EXIT.done) codesOfFailures.push(code);
    if (code !== EXIT.done && (target.role === 'hub' || detach.aborted)) break;
  }
  return WORST.find((w) => codesOfFailures.includes(w)) ?? codesOfFailures[0] ?? EXIT.done;
}

async function upOne(session: Session, target: ResolvedTarget, flags: UpFlags, detach: AbortSignal): Promise<number> {
  const { output } = session;
  const startedMs = Date.now();
  for (const w of target.warnings) output.note(`${output.symbol('degraded')} ${target.code}: ${w.message}`);
  const spec = await register(session, target, flags.move === true);
  const options: DeployOptions = {
    plan: spec,
    ...(flags.build ? { build: true } : {}),
    ...(flags.pull === undefined ? {} : { pull: flags.pull }),
    ...(flags.keepFailed ? { keepFailed: true } : {}),
    ...(flags.adopt ? { adopt: true } : {}),
    ...(flags.timeoutMs === undefined ? {} : { timeoutMs: flags.timeoutMs }),
    ...(flags.plan === undefined ? {} : { planId: flags.plan }),
  };
  const operation = await startWhenFree(session, target, options, flags.wait === true, detach);
  if (operation === 'detached') return detached(session, target.code);
  const followed = await follow(session, operation, await progressView(output), detach);
  switch (followed.kind) {
    case 'detached':
      return detached(session, target.code);
    case 'done':
      sayUp(session, target, followed.result, Date.now() - startedMs);
      return EXIT.done;
    case 'cancelled':
      output.note(`${target.code}: cancelled; what it had done was taken back`);
      output.json({
        type: 'result',
        version: 1,
        instance: target.code,
        outcome: 'cancelled',
        exitCode: EXIT.cancelled,
      });
      return EXIT.cancelled;
    case 'terminated':
      throw new CommandFailure(
        { code: 'DIVE-1503', what: 'somebody terminated the workflow; nothing was taken back' },
        {
          instance: target.code,
          exitCode: EXIT.notRolledBack,
          now: ['as it was at that moment: dive status'],
          next: ['dive up   goes on from there'],
        },
      );
    case 'failed': {
      const f = followed.failure;
      output.json({ type: 'result', version: 1, ...f });
      throw new CommandFailure(f, {
        instance: target.code,
        now: f.now,
        next: nextSteps(f, target.code, flags.keepFailed === true),
        exitCode: f.exitCode,
      });
    }
  }
}

function nextSteps(failure: FailureDetails, instance: string, kept: boolean): string[] {
  const { code, next = [FAILURES[code].remedy] } = failure;
  const look = kept
    ? ['dive up   goes on from here']
    : FAILURES[code].exitCode === 1
      ? ['dive up --keep-failed   leaves it as it failed, for a look']
      : [];
  return [...next, ...look, `dive history ${instance}   the whole story`];
}

async function register(session: Session, target: ResolvedTarget, move: boolean): Promise<string> {
  const [{ migrate }, { putSpec }, { registerInstance }, store] = await Promise.all([
    import('../../adapters/store/migrate.ts'),
    import('../../adapters/store/specs.ts'),
    import('../../adapters/store/instances.ts'),
    session.store(),
  ]);
  await migrate(store);
  const spec = await putSpec(store, target.project);
  await registerInstance(store, {
    code: target.code,
    role: target.role,
    project: target.project.project,
    site: target.site,
    folder: target.source.workingDir,
    topologyFile: target.topologyFile ?? null,
    spec,
    move,
  });
  return spec;
}

async function startWhenFree(
  session: Session,
  target: ResolvedTarget,
  options: DeployOptions,
  wait: boolean,
  detach: AbortSignal,
) {
  const { InstanceLockedError, attach, startDeployment } = await import('../../client/operations.ts');
  const client = await session.temporal();
  for (;;) {
    try {
      return await startDeployment(client, target.role, { instance: target.code, options, by: session.config.caller });
    } catch (error) {
      if (!(error instanceof InstanceLockedError)) throw error;
      if (!wait) throw await lockedFailure(session, target.code, error.holder);
      if (!error.holder) continue;
      session.output.note(`${target.code}: waits for the operation that holds it`);
      const other = await follow(
        session,
        attach(client, target.code, error.holder.runId),
        await progressView(session.output),
        detach,
      );
      if (other.kind === 'detached') return 'detached' as const;
    }
  }
}

export function detached(session: Session, instance: string): number {
  session.output.note(`detached; it goes on. dive watch ${instance} looks on, dive cancel ${instance} takes it back`);
  session.output.json({ type: 'result', version: 1, instance, outcome: 'detached', exitCode: EXIT.cancelled });
  return EXIT.cancelled;
}

function sayDegraded(output: Output, { degraded }: DeploymentResult): void {
  for (const d of degraded) output.say(`  ${output.symbol('degraded')} degraded: ${d}`);
}

function sayUp(session: Session, target: ResolvedTarget, result: DeploymentResult, wallMs: number): void {
  const { output } = session;
  const { lastEvents: _followed, ...said } = result;
  output.json({ type: 'result', exitCode: EXIT.done, ...said, wallMs });
  const count = `${result.services.length} ${result.services.length === 1 ? 'service' : 'services'}`;
  if (result.outcome === 'unchanged') {
    const mended = result.changed.join(', ');
    const nothing = result.lastEvents.some((e) => e.kind === 'image') ? 'nothing new' : 'nothing to do';
    const did = mended === '' ? nothing : `restarted ${mended}, which did not answer well`;
    output.say(
      `${target.code}: ${did}; ${count} healthy, looked at in ${duration(result.durationMs)}. Release ${result.release}`,
    );
    sayDegraded(output, result);
    return;
  }
  const up = `${target.code} is up: ${count} healthy in ${duration(result.durationMs)}`;
  const path = result.criticalPath.length === 0 ? '' : `longest path: ${shortList(result.criticalPath)}`;
  if (path === '' || up.length + path.length + 3 > output.answerColumns) {
    output.say(up);
    if (path !== '') output.say(fit(path, output.answerColumns - 3, '  '));
  } else output.say(`${up} (${path})`);
  sayDegraded(output, result);
  const width = Math.max(8, ...result.addresses.map((a) => a.service.length));
  for (const a of result.addresses) output.say(`  ${a.service.padEnd(width)}  ${a.url}`);
  const list = result.changed.join(', ');
  const changed = list.length <= 40 ? list : `${result.changed.length} services`;
  output.say(
    `Release ${result.release}${changed === '' ? '' : ` (changed: ${changed})`}.   dive status · dive history`,
  );
}
