import { ApplicationFailure } from '@temporalio/workflow';
import type { TornDown } from '../activities/teardown-project.ts';
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
    const removed = await siteProxies(opened.site).long.teardownProject({ ...operation, volumes: opened.volumes });
    tell(progress, removed);
    if (opened.state !== 'UNKNOWN') {
      await store.moveState({ ...operation, to: ['UNKNOWN'] });
      progress.moved('UNKNOWN');
    }
    const result: Omit<TeardownResult, 'lastEvents'> = {
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
    return { ...result, lastEvents: progress.lastEvents() };
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

/** Services at the time when they were gone; then what is nobody's in particular. */
function tell(progress: ProgressLog, { done, services = [], objects = done }: TornDown): void {
  for (const { service, atMs, ms, text } of services) {
    progress.service(service, 'removed', { evidence: text, ms });
    progress.event('removed', text, { service, ms, atMs });
  }
  for (const line of objects) progress.event('removed', line);
}
