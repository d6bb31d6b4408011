// A service that was started together with others is proven from its start on; who asks later joins.
import { Proofs, type Say } from '../../activities/proofs.ts';
import type { ServiceVerdict } from '../../domain/deployment.ts';
import type { WaitHeartbeat } from '../../domain/messages.ts';

const CONTAINERS = [{ name: 'web-1', id: 'abc', startedAtMs: 1 }];
const GOOD: ServiceVerdict = { service: 'web', ok: true, level: 2, evidence: 'runs', durationMs: 7 };

/** A wait that the test ends. */
function wait() {
  const own = { begun: 0, say: (() => undefined) as Say, end: (_error?: Error): void => undefined };
  const work = (signal: AbortSignal, say: Say): Promise<ServiceVerdict> => {
    own.begun += 1;
    own.say = say;
    return new Promise((resolve, reject) => {
      own.end = (error) => (error ? reject(error) : resolve(GOOD));
      signal.addEventListener('abort', () => reject(new Error(String(signal.reason))));
    });
  };
  return { own, work };
}

test('who asks again joins, and hears from then on what is said, the last thing at once', async () => {
  const proofs = new Proofs(new AbortController().signal);
  const { own, work } = wait();
  const first = proofs.of('web', CONTAINERS, work);
  const heardFirst: WaitHeartbeat[] = [];
  first.tell((said) => heardFirst.push(said));
  own.say({ service: 'web', phase: 'probing', answer: 'no' });
  const second = proofs.of('web', CONTAINERS, work);
  const heard: WaitHeartbeat[] = [];
  second.tell((said) => heard.push(said));
  own.say({ service: 'web', phase: 'healthy' });
  expect(heard.map((h) => h.phase)).toEqual(['probing', 'healthy']);
  expect(heardFirst.map((h) => h.phase)).toEqual(['probing']);
  expect(proofs.has('abc')).toBe(false);
  own.end();
  expect(await Promise.all([first.verdict, second.verdict])).toEqual([GOOD, GOOD]);
  expect({ begun: own.begun, proven: proofs.has('abc') }).toEqual({ begun: 1, proven: true });
});

test('one that failed is begun anew, as is that of another container', async () => {
  const proofs = new Proofs(new AbortController().signal);
  const { own, work } = wait();
  const failed = proofs.of('web', CONTAINERS, work).verdict;
  own.end(new Error('the engine is away'));
  await expect(failed).rejects.toThrow('the engine is away');
  const again = proofs.of('web', CONTAINERS, work).verdict;
  own.end();
  expect(await again).toEqual(GOOD);
  void proofs.of('web', [{ name: 'web-1', id: 'def', startedAtMs: 2 }], work);
  expect(own.begun).toBe(3);
});

test('with the operation those under way end', async () => {
  const operation = new AbortController();
  const { verdict } = new Proofs(operation.signal).of('web', CONTAINERS, wait().work);
  operation.abort(new Error('the operation has ended'));
  await expect(verdict).rejects.toThrow('the operation has ended');
});
