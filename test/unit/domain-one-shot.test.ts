import fc from 'fast-check';
import { completes } from '../../domain/one-shot.ts';
import type { ServiceSpec } from '../../schema/spec.ts';
import { dependency, projectSpec, serviceSpec } from '../support/project-spec.ts';

function withHost(host: Record<string, unknown>): Partial<ServiceSpec> {
  return { body: { Image: 'job:1', Labels: {}, HostConfig: host } };
}

const CHECK = { test: ['CMD', 'true'], intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, retries: 1 };
const RUNS_ON: [string, Partial<ServiceSpec>][] = [
  ['a restart policy', withHost({ RestartPolicy: { Name: 'unless-stopped' } })],
  ['restarts on failure', withHost({ RestartPolicy: { Name: 'on-failure' } })],
  ['a published port', withHost({ PortBindings: { '80/tcp': [{ HostPort: '8080' }] } })],
  ['a health check', { healthCheck: CHECK }],
];

test.each(RUNS_ON)('%s says that it runs on: its end is a failure', (_, spec) => {
  const job = serviceSpec('job', spec);
  expect(completes(job, projectSpec([job]))).toBe('no');
});

test.each([{}, { RestartPolicy: { Name: '' } }, { RestartPolicy: { Name: 'no' } }, { PortBindings: {} }])(
  'nothing says so (%j): it may end',
  (host) => {
    const job = serviceSpec('job', withHost(host));
    expect(completes(job, projectSpec([job]))).toBe('may');
  },
);

test.each(['service_started', 'service_healthy'] as const)('somebody builds on it (%s): it runs on', (condition) => {
  const job = serviceSpec('job');
  const web = serviceSpec('web', { dependsOn: [dependency('job', { condition })] });
  expect(completes(job, projectSpec([job, web]))).toBe('no');
  expect(completes(web, projectSpec([job, web]))).toBe('may');
});

test('somebody waits for its end: it must end, whatever else it says', () => {
  fc.assert(
    fc.property(fc.constantFrom('constructor', '__proto__', 'toString', 'job'), fc.subarray(RUNS_ON), (name, rows) => {
      const job = serviceSpec(
        name,
        rows.reduce<Partial<ServiceSpec>>((all, [, spec]) => ({ ...all, ...spec }), {}),
      );
      const waits = serviceSpec('web', {
        dependsOn: [dependency(name, { condition: 'service_completed_successfully' })],
      });
      const starts = serviceSpec('other', { dependsOn: [dependency(name)] });
      expect(completes(job, projectSpec([job, waits, starts]))).toBe('must');
    }),
  );
});
