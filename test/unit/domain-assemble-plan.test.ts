// What a plan says of how long it will take.
import { NO_HISTORY, assemblePlan } from '../../domain/assemble-plan.ts';
import { START_MS } from '../../domain/critical-path.ts';
import type { ServiceSpec } from '../../schema/spec.ts';
import {
  dependency,
  factsOf,
  observedContainer,
  observedProject,
  projectSpec,
  serviceSpec,
} from '../support/project-spec.ts';

/** Planning, networks, the last look. */
const AROUND_MS = 500;
/** Of a service without a check and without a history: that it keeps running is the proof. */
const PROOF_MS = 1000;
const NOW_MS = 1_700_000_000_000;

function expectedOf(
  services: readonly ServiceSpec[],
  cores: number,
  running: readonly string[] = [],
  stopped = NO_HISTORY.stoppedMs,
): number {
  const project = projectSpec(services);
  const observed = observedProject(running.map((name) => observedContainer(name)));
  const facts = {
    ...factsOf(project, { observed }),
    history: { ...NO_HISTORY, stoppedMs: stopped },
    cores,
    nowMs: NOW_MS,
  };
  return assemblePlan(project, 'spec', facts).deployment.criticalPathMs;
}

const crowd = (count: number): ServiceSpec[] => Array.from({ length: count }, (_, n) => serviceSpec(`s${n}`));

test('services side by side take the time of one, until they are so many that the engine is busy for longer', () => {
  expect(expectedOf(crowd(1), 2)).toBe(AROUND_MS + START_MS + PROOF_MS);
  expect(expectedOf(crowd(8), 2)).toBe(AROUND_MS + START_MS + PROOF_MS);
  expect(expectedOf(crowd(200), 2)).toBe(AROUND_MS + 100 * START_MS);
  expect(expectedOf(crowd(200), 8)).toBe(AROUND_MS + 25 * START_MS);
});

test('what runs and stays as it is takes no time, also for those that wait for it', () => {
  const services = [
    serviceSpec('db'),
    serviceSpec('web', { dependsOn: [dependency('db', { condition: 'service_healthy' })] }),
  ];
  expect(expectedOf(services, 2)).toBe(AROUND_MS + 2 * (START_MS + PROOF_MS));
  expect(expectedOf(services, 2, ['db'])).toBe(AROUND_MS + START_MS + PROOF_MS);
  expect(expectedOf(services, 2, ['db', 'web'])).toBe(0);
});

test('who is replaced is waited for until its container has ended, as long as it took before', () => {
  const project = projectSpec([serviceSpec('db')]);
  const observed = observedProject([observedContainer('db', { configHash: 'old' })]);
  const times = (stoppedMs: readonly number[]) => {
    const history = { ...NO_HISTORY, stoppedMs: new Map([['db', stoppedMs]]) };
    return assemblePlan(project, 'spec', { ...factsOf(project, { observed }), history, cores: 2, nowMs: NOW_MS })
      .deployment;
  };
  expect(times([]).criticalPathMs).toBe(AROUND_MS + START_MS + PROOF_MS);
  expect(times([100, 10_100, 10_200]).criticalPathMs).toBe(AROUND_MS + 10_100 + START_MS + PROOF_MS);
});

test.each<[string, number | undefined, number | undefined, number]>([
  ['the engine knows', 30, undefined, 0],
  ['an earlier operation pulled it', undefined, 30, 0],
  ['both know, the later counts', 7200, 30, 0],
  ['it was long ago by both', 7200, 7300, 1],
  ['nobody knows', undefined, undefined, 1],
])('an image that is pulled again every hour: %s', (_case, taggedS, pulledS, pulls) => {
  const project = projectSpec([serviceSpec('web', { refresh: { policy: 'every_1h', afterMs: 3_600_000 } })]);
  const image = project.services[0]?.image ?? '';
  const ago = (s: number | undefined) => new Map(s === undefined ? [] : [[image, NOW_MS - s * 1000] as const]);
  const facts = { ...factsOf(project), taggedAtMs: ago(taggedS), cores: 2, nowMs: NOW_MS };
  const plan = assemblePlan(project, 'spec', { ...facts, history: { ...NO_HISTORY, pulledAtMs: ago(pulledS) } });
  expect(plan.deployment.images).toHaveLength(pulls);
});
