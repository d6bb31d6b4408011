// Raising or changing one instance; deployHub and deploySpoke differ in what follows it.
import { ApplicationFailure, CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import type { PrepareRequest } from '../activities/prepare-project.ts';
import type { DeploymentResult, OpenedOperation, PlannedDeployment, ServiceVerdict } from '../domain/deployment.ts';
import type { FailureDetails } from '../domain/failures.ts';
import { instanceWorkflowId } from '../domain/names.ts';
import type { InstanceState } from '../domain/states.ts';
import { runServices } from './executor.ts';
import { deploymentFailure, detailsOf } from './failure.ts';
import { PauseGate } from './pause-gate.ts';
import { ProgressLog } from './progress.ts';
import { siteProxies, storeOnTheWay } from './proxies.ts';
import { siteActions } from './site-actions.ts';
import { watchDeaths } from './watch-deaths.ts';
import type { Run } from './run.ts';
import { takeBack } from './take-back.ts';
import { sickOnes, verify } from './verify.ts';

/** The exclusion is the workflow id: a raw start under another one is refused before anything else. */
export function assertCanonicalId(input: unknown): string {
  const instance = typeof input === 'object' && input !== null && 'instance' in input ? String(input.instance) : '';
  const wanted = instanceWorkflowId(instance);
  if (workflowInfo().workflowId !== wanted) {
    throw ApplicationFailure.nonRetryable(
      `the workflow id must be ${wanted}, not ${workflowInfo().workflowId}`,
      'BadWorkflowId',
    );
  }
  return instance;
}

export async function deploy(role: 'hub' | 'spoke', input: unknown): Promise<DeploymentResult> {
  const instance = assertCanonicalId(input);
  const startedMs = Date.now();
  const gate: PauseGate = new PauseGate((paused, by) =>
    progress.event(paused ? 'paused' : 'resumed', by ? `by ${by}` : ''),
  );
  const progress: ProgressLog = new ProgressLog(instance, () => gate.paused);

  const opened = await storeOnTheWay().openOperation({ kind: 'deploy', input });
  progress.opened(role, opened.fence, opened.state);
  const run: Run = { opened, proxies: siteProxies(opened.site), gate, progress, startedMs };
  let plan: PlannedDeployment | undefined;
  try {
    plan = await run.proxies.short.planDeployment({ ...ref(opened), spec: opened.spec, options: opened.options });
    progress.planned(plan);
    if (plan.changes === 0 && opened.state === 'COMPLETE') return await unchanged(run, plan);
    return await change(run, plan);
  } catch (error) {
    const failure = detailsOf(error);
    progress.failed(failure);
    const cancelled = isCancellation(error);
    const ending = await CancellationScope.nonCancellable(() => takeBack(run, failure, cancelled));
    if (cancelled && ending.outcome !== 'not-rolled-back') throw error;
    throw deploymentFailure(ending);
  }
}

function ref(opened: OpenedOperation): { instance: string; fence: number } {
  return { instance: opened.instance, fence: opened.fence };
}

/** Several states at once cost one hand-over. */
async function move(run: Run, ...to: InstanceState[]): Promise<void> {
  await storeOnTheWay().moveState({ ...ref(run.opened), to });
  // One by one: so they stand in histories of before.
  for (const state of to) run.progress.moved(state);
}

/**
 * The same without a hand-over of its own: for the request of the activity that begins with it. Counted as moved before
 * it is, so that what this activity does is taken back.
 */
async function moveAlong(run: Run, ...to: InstanceState[]): Promise<{ through?: readonly InstanceState[] }> {
  if (patched('states-move-along')) {
    run.progress.moved(...to);
    return { through: to };
  }
  await move(run, ...to);
  return {};
}

/** Nothing to do: look whether everything still works, and restart what its file wants restarted when it does not. */
async function unchanged(run: Run, plan: PlannedDeployment): Promise<DeploymentResult> {
  const verdicts = await verify(run, plan, [], { mayRestart: true });
  const completed = await run.proxies.short.completeUnchanged(ref(run.opened));
  return result(run, plan, 'unchanged', verdicts, sickOnes(verdicts), completed);
}

async function change(run: Run, first: PlannedDeployment): Promise<DeploymentResult> {
  const { opened, proxies, gate, progress } = run;
  await gate.pass();
  let moving: Pick<PrepareRequest, 'through'> = {};
  if (first.images.length === 0) moving = await moveAlong(run, 'INITIALIZING', 'DEPLOYING');
  else await move(run, 'INITIALIZING');
  const askedMs = Date.now();
  const images = first.images.map(async (image) => {
    await proxies.images.bringImage({ ...ref(opened), ...image });
    progress.event('image', `${image.image} ${image.how === 'pull' ? 'pulled' : 'built'}`);
  });
  await Promise.all(images);
  await gate.pass();
  let plan = first;
  if (first.images.length > 0) {
    // What was pulled or built may be another image than the one that runs: only now is it known who is replaced.
    const { planId: _asked, build: _built, ...asked } = opened.options;
    // They are here now, also those whose file wants them pulled always.
    const options = { ...asked, pull: 'missing' as const };
    plan = await proxies.short.planDeployment({ ...ref(opened), spec: first.spec, options });
    progress.planned(plan, Date.now() - askedMs);
    moving = await moveAlong(run, 'DEPLOYING');
  }
  const watch = watchDeaths(
    proxies,
    ref(opened),
    { project: opened.project, services: plan.services },
    (failure, service) => {
      progress.service(service, 'degraded', { evidence: failure.what });
      progress.event('degraded', failure.what, { service });
    },
  );
  await proxies.short.prepareProject({ ...ref(opened), ...moving });
  const turn = { momentMs: Date.now(), place: startsAtOnce(plan) };
  const ahead = proxies.short.createAhead({ ...ref(opened), turn });
  ahead.catch(() => undefined);
  const ran = await runServices(plan.services, siteActions(run, plan), {
    gate,
    progress,
    abort: watch.died,
    onReady: (service, started) => {
      if (service.completes === 'no') watch.guard(service, started.containers);
    },
  });
  await ahead;
  await gate.pass();
  const verifying = await moveAlong(run, 'CONFIGURING', 'VERIFYING');
  const proven = new Map(ran.verdicts.map((v) => [v.service, v]));
  const more = { ...verifying, proven };
  const verdicts = await Promise.race([verify(run, plan, [...ran.degraded, ...watch.degraded], more), watch.died]);
  const degraded = firstOfEach([...ran.degraded, ...watch.degraded, ...sickOnes(verdicts)]);
  const completed = await proxies.short.completeDeployment({
    ...ref(opened),
    degraded: degraded.map((d) => d.service ?? ''),
    changed: changedServices(plan),
  });
  progress.moved('COMPLETE');
  const timed = verdicts.map((v) => ({ ...v, durationMs: proven.get(v.service)?.durationMs ?? 0 }));
  return result(run, plan, completed.isAsBefore ? 'unchanged' : 'up', timed, degraded, completed);
}

/** How many services wait for nobody. */
function startsAtOnce(plan: PlannedDeployment): number {
  return plan.services.filter((s) => s.dependsOn.length === 0 && s.containers.some((c) => c.op !== 'keep')).length;
}

/** One entry a service, the first that was known. */
function firstOfEach(failures: readonly FailureDetails[]): FailureDetails[] {
  return failures.filter((f, i) => failures.findIndex((other) => other.service === f.service) === i);
}

function changedServices(plan: PlannedDeployment): string[] {
  return plan.services.filter((s) => s.containers.some((c) => c.op !== 'keep')).map((s) => s.name);
}

function result(
  run: Run,
  plan: PlannedDeployment,
  outcome: 'up' | 'unchanged',
  verdicts: readonly ServiceVerdict[],
  degraded: readonly FailureDetails[],
  completed: Pick<DeploymentResult, 'release' | 'engineCalls' | 'addresses'>,
): DeploymentResult {
  return {
    version: 1,
    instance: run.opened.instance,
    operation: run.opened.fence,
    outcome,
    release: completed.release,
    services: verdicts
      .filter((v) => v.ok)
      .map((v) => ({ service: v.service, level: v.level, evidence: v.evidence, ms: v.durationMs })),
    degraded: degraded.map((d) => `${d.service ?? ''}: ${d.what}`),
    changed: outcome === 'up' ? changedServices(plan) : verdicts.filter((v) => v.containers).map((v) => v.service),
    durationMs: Date.now() - run.startedMs,
    criticalPath: plan.criticalPath,
    criticalPathMs: plan.criticalPathMs,
    engineCalls: completed.engineCalls,
    addresses: completed.addresses,
    lastEvents: run.progress.lastEvents(),
  };
}
