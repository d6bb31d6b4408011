import type { ServiceStatus } from '../../cli/ask-services.ts';
import { type OperationUnderWay, explain } from '../../cli/under-way.ts';

const BEGUN = Date.parse('2026-01-02T00:00:00Z');
const up: OperationUnderWay = { number: 7, startedAtMs: BEGUN, state: 'DEPLOYING', hadRelease: false };
const down: OperationUnderWay = { ...up, state: 'CLEANUP', hadRelease: true };
const back: OperationUnderWay = { ...up, state: 'ROLLING_BACK' };
const ago = '2026-01-01T23:00:00.000Z';
const since = '2026-01-02T00:00:05.000Z';

const status = (more: Partial<ServiceStatus>): ServiceStatus => ({
  service: 'web',
  class: 'core',
  container: 'web-1',
  level: 1,
  healthy: false,
  evidence: 'says 503',
  victimOf: 'db',
  since: null,
  ...more,
});
const gone = status({ container: null, evidence: 'its container is gone' });
const seen = (service: ServiceStatus, state: string | undefined, operation?: OperationUnderWay) =>
  explain([service], state === undefined ? [] : [{ name: 'web-1', state }], operation)[0];

test.each<[string, ServiceStatus, string | undefined, OperationUnderWay, string, string]>([
  ['is not there while it is brought up', gone, undefined, up, 'waiting', 'not started yet'],
  ['is created while it is brought up', status({}), 'created', up, 'waiting', 'not started yet'],
  ['was started by it and is not healthy', status({ since }), 'running', up, 'starting', 'says 503'],
  ['is gone while it is taken down', gone, undefined, down, 'removed', 'by operation 7'],
  ['is gone while a first deployment is taken back', gone, undefined, back, 'removed', 'by operation 7'],
  ['is put aside while a change is taken back', gone, undefined, { ...back, hadRelease: true }, 'waiting', 'not started yet'],
])('who %s is not sick, nor a victim', (_, service, state, operation, underWay, evidence) => {
  expect(seen(service, state, operation)).toEqual({ ...service, underWay, evidence, victimOf: null });
}); // prettier-ignore

test.each<[string, ServiceStatus, string | undefined, OperationUnderWay | undefined]>([
  ['is gone, and nobody works on it', gone, undefined, undefined],
  ['ran before the operation', status({ since: ago }), 'running', up],
  ['has ended', status({ since, evidence: 'exit 3' }), 'exited', up],
  ['runs on while it is taken down', status({ since: ago }), 'running', down],
])('who %s is as sick as it looks', (_, service, state, operation) => {
  expect(seen(service, state, operation)).toEqual({ ...service, underWay: null });
});

test('who is healthy is so during an operation, too', () => {
  const well = status({ healthy: true, victimOf: null, since });
  expect(seen(well, 'running', up)).toEqual({ ...well, underWay: null });
});
