import { upToDate } from '../../cli/output/up-to-date.ts';
import type { Progress, ServicePhase, WaitHeartbeat } from '../../domain/messages.ts';

const known = (phase: ServicePhase): Progress => ({
  version: 1,
  instance: 'USA',
  operation: 1,
  state: 'DEPLOYING',
  paused: false,
  services: [{ service: 'web', phase, waitsFor: ['db'], sinceMs: 5 }],
  events: [],
  criticalPathMs: 0,
});
const seen = (phase: ServicePhase, heard: WaitHeartbeat) =>
  upToDate(known(phase), new Map([[heard.service, heard]])).services[0];

test('one of a group is as far as its worker says', () => {
  expect(seen('waiting', { service: 'web', phase: 'starting', sinceMs: 9 })).toEqual({
    service: 'web',
    phase: 'starting',
    waitsFor: [],
    sinceMs: 9,
  });
  const healthy = { service: 'web', phase: 'healthy', sinceMs: 12, answer: 'idle', ms: 1_000 } as const;
  expect(seen('starting', healthy)).toMatchObject({ phase: 'healthy', evidence: 'idle', ms: 1_000, sinceMs: 12 });
});

test.each<[ServicePhase, WaitHeartbeat['phase']]>([
  ['probing', 'starting'],
  ['healthy', 'probing'],
  ['degraded', 'healthy'],
  ['failed', 'healthy'],
  ['kept', 'probing'],
  ['waiting', 'pulling'],
])('what is %s stays so where an older heartbeat says %s', (phase, said) => {
  expect(seen(phase, { service: 'web', phase: said, sinceMs: 9 })).toEqual(known(phase).services[0]);
});

test.each<ServicePhase>(['healthy', 'probing', 'kept'])('who was %s is stopped, removed or as before where its worker says so', (phase) => {
  const stopping = { service: 'web', phase: 'stopping', sinceMs: 9, answer: 'killed after 10 s' } as const;
  expect(seen(phase, stopping)).toEqual({ service: 'web', phase: 'stopping', waitsFor: [], sinceMs: 9, evidence: 'killed after 10 s' });
  expect(seen(phase, { service: 'web', phase: 'removed', sinceMs: 12, ms: 300 })).toMatchObject({ phase: 'removed', ms: 300 });
  expect(seen(phase, { service: 'web', phase: 'restored' })).toMatchObject({ phase: 'restored' });
}); // prettier-ignore

test.each<ServicePhase>(['failed', 'degraded', 'removed', 'restored'])('who is %s says so still when it was stopped', (phase) => {
  for (const said of ['stopping', 'removed'] as const)
    expect(seen(phase, { service: 'web', phase: said, sinceMs: 9 })).toEqual(known(phase).services[0]);
}); // prettier-ignore

test('on the way down there are those of whom was heard, and for whom each waits', () => {
  const heard = new Map<string, WaitHeartbeat>([
    ['web', { service: 'web', phase: 'stopping', sinceMs: 3, answer: 'killed after 10 s' }],
    ['db', { service: 'db', phase: 'waiting', sinceMs: 2, waitsFor: ['web'] }],
    ['image', { service: 'image', phase: 'pulling' }],
  ]);
  expect(upToDate({ ...known('waiting'), services: [] }, heard).services).toEqual([
    { service: 'web', phase: 'stopping', waitsFor: [], sinceMs: 3, evidence: 'killed after 10 s' },
    { service: 'db', phase: 'waiting', waitsFor: ['web'], sinceMs: 2 },
  ]);
});

test('of the others nothing is known that is newer', () => {
  expect(seen('waiting', { service: 'db', phase: 'healthy' })).toEqual(known('waiting').services[0]);
});
