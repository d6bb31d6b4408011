import { lastProgress } from '../../cli/last-progress.ts';
import type { Progress, ProgressEvent, ServiceProgress } from '../../domain/messages.ts';

const seen = (...services: readonly ServiceProgress[]): Progress => ({
  version: 1,
  instance: 'USA',
  operation: 1,
  state: 'DEPLOYING',
  paused: false,
  services,
  events: [],
  criticalPathMs: 0,
});
const starting = (service: string): ServiceProgress => ({ service, phase: 'starting', waitsFor: ['db'], sinceMs: 5 });
const event = (seq: number, kind: ProgressEvent['kind'], service?: string): ProgressEvent => ({
  seq,
  atMs: 1_000 + seq,
  kind,
  text: `${kind} it is`,
  ...(service === undefined ? {} : { service }),
  ...(kind === 'healthy' ? { ms: 7 } : {}),
});

test('a service that was starting when somebody last looked is healthy when the result says so', () => {
  const last = lastProgress(seen(starting('web'), starting('db')), 3, [event(3, 'plan'), event(4, 'healthy', 'web')]);
  expect(last?.services[0]).toEqual({
    service: 'web',
    phase: 'healthy',
    waitsFor: [],
    sinceMs: 5,
    evidence: 'healthy it is',
    ms: 7,
  });
  expect(last?.services[1]).toEqual(starting('db'));
  expect(last?.events.map((e) => e.seq)).toEqual([4]);
});

test('who was stopped when somebody last looked is removed when the result says so', () => {
  const last = lastProgress(seen({ ...starting('web'), phase: 'stopping' }), 3, [event(4, 'removed', 'web')]);
  expect(last?.services).toMatchObject([{ service: 'web', phase: 'removed', evidence: 'removed it is', waitsFor: [] }]);
});

test('who only looked before there was a plan sees all services at the end', () => {
  const events = [
    event(2, 'plan'),
    event(3, 'starting', 'db'),
    event(4, 'starting', 'web'),
    event(5, 'healthy', 'db'),
    event(6, 'degraded', 'web'),
    event(7, 'state'),
  ];
  const last = lastProgress(seen(), 1, events);
  expect(last?.services).toMatchObject([
    { service: 'db', phase: 'healthy', sinceMs: 1_003, ms: 7 },
    { service: 'web', phase: 'degraded', evidence: 'degraded it is' },
  ]);
});

test('where an event lies between, the operation has to be asked', () => {
  expect(lastProgress(seen(), 1, [event(3, 'healthy', 'web')])).toBeUndefined();
  expect(lastProgress(seen(), 2, [event(3, 'healthy', 'web')])).toBeDefined();
});
