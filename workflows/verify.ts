// The last look at the whole: does every service do its work?
import type { VerifyRequest } from '../activities/verify-services.ts';
import { victims } from '../domain/blame.ts';
import type { PlannedDeployment, ServiceVerdict } from '../domain/deployment.ts';
import type { FailureDetails } from '../domain/failures.ts';
import { serviceFailure } from './failure.ts';
import type { Run } from './run.ts';

/** Every service's deepest level. A sick core service fails, a sick optional one degrades. */
export async function verify(
  run: Run,
  plan: PlannedDeployment,
  degraded: readonly FailureDetails[],
  {
    proven = new Map(),
    ...more
  }: Pick<VerifyRequest, 'mayRestart' | 'through'> & { readonly proven?: ReadonlyMap<string, ServiceVerdict> },
): Promise<readonly ServiceVerdict[]> {
  const skip = degraded.map((d) => d.service ?? '');
  const looked = await run.proxies.long.verifyServices({
    instance: run.opened.instance,
    fence: run.opened.fence,
    ...more,
    services: plan.services
      .filter((s) => !skip.includes(s.name))
      .map((s) => ({
        name: s.name,
        class: s.class,
        completes: s.completes,
        timeoutMs: s.timeoutMs,
        ...(proven.has(s.name) && { settled: true }),
      })),
  });
  const verdicts = looked.map((v) => deepest(v, proven.get(v.service)));
  const classes = new Map(plan.services.map((s) => [s.name, s.class]));
  const kept = new Set(plan.services.filter((s) => s.containers.every((c) => c.op === 'keep')).map((s) => s.name));
  for (const v of verdicts) {
    run.progress.service(v.service, !v.ok ? 'failed' : kept.has(v.service) ? 'kept' : 'healthy', {
      evidence: v.evidence,
    });
  }
  const sick = rootOf(
    plan,
    verdicts.filter((v) => !v.ok && classes.get(v.service) === 'core'),
  );
  if (sick) throw serviceFailure(sick.failure ?? { code: 'DIVE-1204', what: sick.evidence, service: sick.service });
  return verdicts;
}

/** A last look that asked no more than the proof leaves what that has seen. */
function deepest(last: ServiceVerdict, proof: ServiceVerdict | undefined): ServiceVerdict {
  return last.ok && proof !== undefined && last.level <= proof.level ? { ...last, evidence: proof.evidence } : last;
}

/** Of several that are sick, one that is nobody's victim; undefined when none is sick. */
function rootOf(plan: PlannedDeployment, sick: readonly ServiceVerdict[]): ServiceVerdict | undefined {
  const names = new Set(sick.map((v) => v.service));
  const found = victims(plan.services.map((s) => ({ ...s, healthy: !names.has(s.name), sharesWith: [] })));
  return sick.find((v) => !found.has(v.service)) ?? sick[0];
}

/** What is not core and did not answer; a core one would have failed the operation. */
export function sickOnes(verdicts: readonly ServiceVerdict[]): FailureDetails[] {
  return verdicts
    .filter((v) => !v.ok)
    .map((v) => v.failure ?? { code: 'DIVE-1204', what: v.evidence, service: v.service });
}
