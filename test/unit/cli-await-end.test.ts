import { ServiceError } from '@temporalio/client';
import { awaitEnd } from '../../cli/await-end.ts';
import type { Ending } from '../../client/operations.ts';

const { signal } = new AbortController();
const silence = new ServiceError('Failed to get Workflow execution history', {
  cause: Object.assign(new Error('UNAVAILABLE'), { code: 14 }),
});

/** An operation whose end is asked for with these answers, one after the other. */
function operation(...answers: (Error | Ending<string>)[]) {
  const result = async (): Promise<Ending<string>> => {
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked once too often');
    return answer;
  };
  return { instance: 'APP', runId: 'run', result };
}

test('the end is heard although Temporal was silent before', async () => {
  const done = { kind: 'done', result: 'up' } as const;
  expect(await awaitEnd(operation(silence, silence, done), () => Date.now(), signal)).toEqual(done);
});

test('a silence of more than two minutes is told, and how the operation goes on', async () => {
  const ended = awaitEnd(operation(silence), () => Date.now() - 121_000, signal);
  await expect(ended).rejects.toMatchObject({
    details: { code: 'DIVE-1603', what: expect.stringContaining('two minutes') },
    exitCode: 6,
    next: [expect.stringContaining('dive watch APP')],
  });
});

test('what is no silence is not asked again', async () => {
  const fault = new Error('no such method');
  await expect(awaitEnd(operation(fault), () => Date.now(), signal)).rejects.toBe(fault);
});
