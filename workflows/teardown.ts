import { ApplicationFailure } from '@temporalio/workflow';
import type { TeardownResult } from '../domain/deployment.ts';
import { assertCanonicalId } from './deploy.ts';
import { detailsOf } from './failure.ts';
import { PauseGate } from './pause-gate.ts';
import { ProgressLog } from './progress.ts';
import { siteProxies, store } from './proxies.ts';

/** Stops and removes everything of the instance's project; named volumes only when asked. */
export async function teardown(input: unknown): Promise<TeardownResult> {
  const instance = assertCanonicalId(input);
  const startedMs = Date.now();
  const gate: PauseGate = new PauseGate((paused, by) =>
    progress.event(paused ? 'paused' : 'resumed', by ? `by ${by}` : ''),
  );
  const progress: ProgressLog = new ProgressLog(instance, () => gate.paused);
  const opened = await store.openOperation({ kind: 'teardown', input });
  const operation = { instance, fence: opened.fence };
  progress.opened('', opened.fence, opened.state);
  try {
    await gate.pass();
    if (opened.state !== 'UNKNOWN') {
      await store.moveState({ ...operation, to: ['CLEANUP'] });
      progress.moved('CLEANUP');
    }
    const removed = await siteProxies(opened.site).short.teardownProject({ ...operation, volumes: opened.volumes });
    for (const line of removed.done) progress.event('removed', line);
    if (opened.state !== 'UNKNOWN') {
      await store.moveState({ ...operation, to: ['UNKNOWN'] });
      progress.moved('UNKNOWN');
    }
    const result: TeardownResult = {
      version: 1,
      instance,
      operation: opened.fence,
      outcome: 'down',
      removed: removed.done,
      volumesKept: removed.volumes,
      durationMs: Date.now() - startedMs,
      engineCalls: removed.engineCalls,
    };
    await store.closeOperation({ ...operation, outcome: 'down', result });
    return result;
  } catch (error) {
    const failure = detailsOf(error);
    progress.failed(failure);
    await store.closeOperation({ ...operation, outcome: 'not-rolled-back', code: failure.code, failure });
    throw ApplicationFailure.create({
      type: 'TeardownFailed',
      message: `${failure.code} ${failure.what}`,
      nonRetryable: true,
      details: [
        {
          ...failure,
          instance,
          operation: opened.fence,
          outcome: 'not-rolled-back',
          exitCode: 3,
          now: ['some of it is left'],
          durationMs: Date.now() - startedMs,
        },
      ],
    });
  }
}
