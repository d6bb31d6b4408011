import { ProgressLines, clock } from '../../cli/output/progress-lines.ts';
import type { Progress, ProgressEvent, ServiceProgress, WaitHeartbeat } from '../../domain/messages.ts';

const T = 1_700_000_000_000;
const progress = (events: readonly Partial<ProgressEvent>[], services: readonly Partial<ServiceProgress>[] = []): Progress => ({
  version: 1,
  instance: 'USA',
  operation: 3,
  state: 'DEPLOYING',
  paused: false,
  services: services.map((s) => ({ service: 'web', phase: 'waiting', waitsFor: [], sinceMs: T, ...s })),
  events: events.map((e, i) => ({ seq: i + 1, atMs: T, kind: 'note', text: '', ...e })),
  criticalPathMs: 0,
}); // prettier-ignore
/** Without the time in front, and one blank for many. */
const texts = (lines: readonly string[]): string[] => lines.map((line) => line.slice(9).replace(/ +/g, ' '));

test('each line begins with the time at which it happened, and names stand in one column', () => {
  const events = [{ kind: 'note', text: 'be told', atMs: T }, { kind: 'healthy', service: 'web', ms: 2100, text: 'answers', atMs: T + 61_000 }] as const; // prettier-ignore
  expect(new ProgressLines().next(progress(events), [], T + 70_000)).toEqual([
    `${clock(T)} USA       be told`,
    `${clock(T + 61_000)} web       healthy after 2.1 s: answers`,
  ]);
});

test.each(['healthy', 'removed'] as const)('that one is %s is said once, by its worker or by the workflow', (phase) => {
  const lines = new ProgressLines();
  const heard = { phase, sinceMs: T + 1_000, ms: 300, evidence: 'so it is' };
  expect(texts(lines.next(progress([], [heard]), [], T + 2_000))).toEqual([`web ${phase} after 0.3 s: so it is`]);
  expect(lines.next(progress([], [heard]), [], T + 3_000)).toEqual([]);
  const event = { kind: phase, service: 'web', text: 'so it is', ms: 300 } as const;
  expect(lines.next(progress([event], [heard]), [], T + 4_000)).toEqual([]);
  expect(texts(new ProgressLines().next(progress([event]), [], T))).toEqual([`web ${phase} after 0.3 s: so it is`]);
});

test('who was through first comes first', () => {
  const services = ['a', 'b'].map((service, i) => ({
    service,
    phase: 'removed' as const,
    sinceMs: T - i,
    evidence: '',
  }));
  expect(texts(new ProgressLines().next(progress([], services), [], T))).toEqual(['b removed', 'a removed']);
});

test('one that had nothing unusual about its end is only said to be removed, and so is what is no service', () => {
  const events = [
    { kind: 'removed', service: 'web', text: '', ms: 120 },
    { kind: 'removed', text: 'network usa_default' },
  ] as const;
  expect(texts(new ProgressLines().next(progress(events), [], T))).toEqual([
    'web removed after 0.1 s',
    'USA removed network usa_default',
  ]);
});

test('who is waited for is said every five seconds: who starts, who stops, and what is pulled', () => {
  const lines = new ProgressLines();
  const services = [{ phase: 'probing', usualMs: 9_000 }] as const;
  const waits: WaitHeartbeat[] = [
    { service: 'web', phase: 'probing', answer: 'says 503', tries: 4 },
    { service: 'old', phase: 'stopping', sinceMs: T, answer: 'killed after 10 s' },
    { service: 'db', phase: 'pulling', answer: '1 of 3 layers' },
  ];
  const pulling = 'db pulling its image: 1 of 3 layers';
  expect(texts(lines.next(progress([], services), waits, T + 4_900))).toEqual([pulling]);
  expect(texts(lines.next(progress([], services), waits, T + 5_100))).toEqual([
    'web still not healthy after 5.1 s: says 503 (try 4); usually 9.0 s',
    'old still stopping after 5.1 s: killed after 10 s',
  ]);
  expect(texts(lines.next(progress([], services), waits, T + 10_000))).toEqual([pulling]);
  expect(texts(lines.next(progress([], services), waits, T + 10_200))).toHaveLength(2);
});

test('after a failure nobody is said to start any more, but who is being stopped is', () => {
  const failed = { ...progress([], [{ phase: 'starting' }]), failure: { code: 'DIVE-1202', what: 'exited' } } as const;
  const waits = [{ service: 'old', phase: 'stopping', sinceMs: T }] as const;
  expect(texts(new ProgressLines().next(failed, waits, T + 6_000))).toEqual(['old still stopping after 6.0 s']);
});
