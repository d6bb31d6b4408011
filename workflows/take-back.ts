// After a failure: what the operation made goes, what it replaced comes back, and the two are compared.
import type { DeploymentFailure, Reverted } from '../domain/deployment.ts';
import { FAILURES, type FailureDetails } from '../domain/failures.ts';
import { FORWARD, type InstanceState } from '../domain/states.ts';
import type { Run } from './run.ts';
import { detailsOf } from './failure.ts';
import { store } from './proxies.ts';

const NO_CALLS = { read: 0, exec: 0, mutate: 0 };

/** Must run in a non-cancellable scope. Never throws: what could not be taken back is part of the answer. */
export async function takeBack(run: Run, failure: FailureDetails, cancelled: boolean): Promise<DeploymentFailure> {
  const { opened, progress } = run;
  const operation = { instance: opened.instance, fence: opened.fence };
  const reached = FORWARD.findIndex((state) => state === progress.state);
  const touched = reached >= 0;
  let reverted: Reverted = { exact: true, differences: [], done: [], volumes: [], engineCalls: NO_CALLS };
  const trouble: string[] = [];
  const attempt = async (what: string, action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      trouble.push(`${what}: ${detailsOf(error).what}`);
    }
  };
  const move = (to: InstanceState, after: readonly InstanceState[] = []): Promise<void> =>
    attempt(`state ${to}`, async () => {
      await store.moveState({ ...operation, to: [...after, to] });
      progress.moved(to);
    });

  if (touched && failure.code !== 'DIVE-1506') {
    // The activity that was to move the instance may never have begun.
    await move('FAILED', FORWARD.slice(0, reached + 1));
    if (!opened.options.keepFailed) {
      await move('ROLLING_BACK');
      progress.event('reverting', 'taking back what this operation did');
      await attempt('taking back', async () => {
        reverted = await run.proxies.long.revertDeployment(operation);
      });
      for (const one of reverted.services ?? []) progress.returned(one);
      for (const line of reverted.done) progress.event('reverted', line);
      const whole = reverted.exact && trouble.length === 0;
      if (!whole) await move('FAILED');
      else if (opened.hadRelease) await move('COMPLETE');
      else {
        await move('CLEANUP');
        await move('UNKNOWN');
      }
    }
  }
  const exact =
    reverted.exact && trouble.length === 0 && !(touched && opened.options.keepFailed) && failure.code !== 'DIVE-1506';
  const outcome = !exact ? 'not-rolled-back' : cancelled ? 'cancelled' : 'rolled-back';
  const ending: DeploymentFailure = {
    ...failure,
    instance: opened.instance,
    operation: opened.fence,
    outcome,
    exitCode: exitCode(outcome, touched, failure),
    now: situation(run, touched, exact, reverted, trouble),
    durationMs: Date.now() - run.startedMs,
  };
  await attempt('closing the operation', () =>
    store.closeOperation({ ...operation, outcome, code: failure.code, failure: ending }),
  );
  return ending;
}

/** Before anything was touched the failure's own code counts (a missing engine is 6, an invalid file 7). */
function exitCode(outcome: string, touched: boolean, failure: FailureDetails): number {
  if (outcome === 'not-rolled-back') return 3;
  if (outcome === 'cancelled') return 5;
  const own = FAILURES[failure.code].exitCode;
  return touched || own === 3 ? 1 : own;
}

function situation(
  run: Run,
  touched: boolean,
  exact: boolean,
  reverted: Reverted,
  trouble: readonly string[],
): string[] {
  if (!touched) return ['nothing was touched'];
  if (run.opened.options.keepFailed) return ['everything is left as it failed, for a look'];
  const volumes = reverted.volumes.length > 0 ? [`volumes kept: ${reverted.volumes.join(', ')}`] : [];
  const head = exact
    ? run.opened.hadRelease
      ? 'as before: compared with what ran before, equal'
      : reverted.volumes.length > 0
        ? 'as before: nothing of it is left but its volumes'
        : 'as before: nothing of it is left'
    : 'not as before; a person is needed:';
  const unwell = (reverted.services ?? []).flatMap((s) =>
    s.evidence === undefined ? [] : [`${s.service} ${s.evidence}`],
  );
  return [head, ...unwell, ...reverted.differences, ...trouble, ...reverted.done, ...volumes];
}
