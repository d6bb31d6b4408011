import { servicesAway } from '../../domain/away.ts';
import { COMPOSE_LABELS } from '../../domain/names.ts';
import { START_MS } from '../../domain/critical-path.ts';
import { planContainers } from '../../domain/plan.ts';
import {
  dependency,
  factsOf,
  observedContainer,
  observedProject,
  projectSpec,
  serviceSpec,
} from '../support/project-spec.ts';

test('who is reached from outside and is replaced is away for its own time; on a network made anew from the beginning', () => {
  const ports = { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } };
  const web = serviceSpec('web', {
    body: { Image: 'web:1', Labels: {}, HostConfig: ports },
    dependsOn: [dependency('db')],
    endpoints: [{ network: 't_front', settings: {} }],
  });
  const front = {
    key: 'front',
    name: 't_front',
    external: false,
    body: { Labels: { [COMPOSE_LABELS.configHash]: 'new' } },
  };
  const project = projectSpec([serviceSpec('db'), web], { networks: [front] });
  const away = (hash: string, replaced: string[], stops: [string, number][] = []) => {
    const seen = ['db', 'web'].map((s) =>
      observedContainer(s, {
        networks: [s === 'web' ? 't_front' : 't_default'],
        ...(replaced.includes(s) ? { configHash: 'old' } : {}),
      }),
    );
    const networks = [{ id: 'n', name: 't_front', labels: { [COMPOSE_LABELS.configHash]: hash } }];
    const observed = observedProject(seen, { networks });
    const containers = planContainers(project, factsOf(project, { observed }));
    return servicesAway(
      project,
      observed,
      containers,
      new Map(replaced.map((s) => [s, s === 'db' ? 4000 : 1000])),
      new Map(stops),
    );
  };
  expect(away('new', ['db', 'web'])).toEqual([{ service: 'web', ms: START_MS + 1000 }]);
  expect(away('old', ['db', 'web'])).toEqual([{ service: 'web', ms: START_MS + 4000 + START_MS + 1000 }]);
  // From the signal that its container is to end.
  expect(away('new', ['db', 'web'], [['web', 10_000]])).toEqual([{ service: 'web', ms: 10_000 + START_MS + 1000 }]);
  expect(away('new', ['db'])).toEqual([]);
});
