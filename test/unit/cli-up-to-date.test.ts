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

test('of the others nothing is known that is newer', () => {
  expect(seen('waiting', { service: 'db', phase: 'healthy' })).toEqual(known('waiting').services[0]);
});
