import { checkKeys } from '../../adapters/compose/check-keys.ts';
import { portClashes } from '../../adapters/compose/check-ports.ts';
import { needsImageHealthCheck } from '../../adapters/compose/health-needs.ts';
import { lintServices } from '../../adapters/compose/lint.ts';
import { readModel, type ProjectModel } from '../../adapters/compose/model.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Dependency } from '../../schema/spec.ts';
import { projectSpec, serviceSpec } from '../support/project-spec.ts';

const model = (services: object, more: object = {}): ProjectModel =>
  readModel(JSON.stringify({ name: 'p', services, ...more }));
const paths = (findings: readonly Finding[]): (string | undefined)[] => findings.map((finding) => finding.path);

describe('the key table', () => {
  it.each<[string, Record<string, object>, string]>([
    ['a service', { services: { a: { image: 'x', invented: 1 } } }, 'services.a.invented'],
    ['a service, by a name that every object has', { services: { a: { toString: 1 } } }, 'services.a.toString'],
    [
      'something nested',
      { services: { a: { deploy: { resources: { limits: { magic: 1 } } } } } },
      'services.a.deploy.resources.limits.magic',
    ],
    [
      'a list',
      { services: { a: { ports: [{ target: 80 }, { target: 81, colour: 'red' }] } } },
      'services.a.ports[1].colour',
    ],
    ['a network', { networks: { n: { name: 'n', magic: 1 } } }, 'networks.n.magic'],
    ['a volume', { volumes: { v: { name: 'v', magic: 1 } } }, 'volumes.v.magic'],
    ['a secret', { secrets: { s: { name: 's', driver: 'vault' } } }, 'secrets.s.driver'],
    ['a config', { configs: { c: { name: 'c', template_driver: 'golang' } } }, 'configs.c.template_driver'],
  ])('refuses a key that it does not know in %s', (_where, { services = {}, ...more }, path) => {
    expect(checkKeys(model(services, more)).refused).toMatchObject([{ code: 'DIVE-1106', path }]);
  });

  it('warns of keys without effect, not of empty ones that Compose prints itself', () => {
    const services = {
      a: { deploy: { placement: {}, update_config: { parallelism: 2 }, labels: { x: '1' } }, attach: false },
    };
    expect(paths(checkKeys(model(services)).warned)).toEqual([
      'services.a.deploy.update_config',
      'services.a.deploy.labels',
    ]);
  });

  it('takes newer keys when the engine has them', () => {
    const services = {
      a: { healthcheck: { start_interval: '1s' }, networks: { n: { mac_address: '02:42:ac:11:00:02' } } },
    };
    expect(paths(checkKeys(model(services), '1.43').refused)).toHaveLength(2);
    expect(checkKeys(model(services), '1.44').refused).toEqual([]);
  });
});

describe('host ports', () => {
  const port = (published: string, more: object = {}): object => ({ target: 80, published, protocol: 'tcp', ...more });
  it.each<[string, object, object, number]>([
    ['the same port', port('80'), port('80'), 1],
    ['an address and all of them', port('80', { host_ip: '127.0.0.1' }), port('80', { host_ip: '0.0.0.0' }), 1],
    ['two addresses', port('80', { host_ip: '127.0.0.1' }), port('80', { host_ip: '127.0.0.2' }), 0],
    ['two protocols', port('80'), port('80', { protocol: 'udp' }), 0],
    ['a range that leaves room', port('80'), port('80-81'), 0],
    ['ports that the engine picks', { target: 80 }, { target: 80 }, 0],
  ])('%s', (_name, one, other, clashes) => {
    expect(portClashes(model({ a: { ports: [one] }, b: { ports: [other] } }))).toHaveLength(clashes);
  });

  it('clash no more when a service has no container', () => {
    expect(portClashes(model({ a: { ports: [port('80')] }, b: { scale: 0, ports: [port('80')] } }))).toEqual([]);
  });
});

describe('lint', () => {
  const lint = (service: object, raw: object = service): (string | undefined)[] =>
    paths(lintServices(model({ a: service }), model({ a: raw }).services));
  it.each<[string, object, object, string[]]>([
    ['a command cut at an operator', {}, { command: 'sh -c "a && b" && c' }, ['services.a.command']],
    ['no command that only quotes one', {}, { command: 'sh -c "a && b; c" ${X:-a;b}' }, []],
    ['a secret in the file', {}, { environment: { DB_PASSWORD: 'x', DB_TOKEN: '${T}' } }, ['services.a.environment']],
    ['a secret in a list', {}, { environment: ['API_TOKEN=x'] }, ['services.a.environment']],
    ['power over the host', { privileged: true, pid: 'host' }, {}, ['services.a.privileged', 'services.a.pid']],
    [
      'the engine socket',
      { volumes: [{ type: 'bind', source: '/var/run/docker.sock', target: '/s' }] },
      {},
      ['services.a.volumes[0]'],
    ],
    [
      'a class nobody knows',
      { labels: { 'dive.service.class': 'init' } },
      {},
      ['services.a.labels.dive.service.class'],
    ],
  ])('finds %s', (_name, service, raw, expected) => {
    expect(lint(service, raw)).toEqual(expected);
  });

  it('finds a one-shot that is restarted for ever', () => {
    const services = {
      once: { restart: 'always' },
      a: { depends_on: { once: { condition: 'service_completed_successfully' } } },
    };
    expect(paths(lintServices(model(services), new Map()))).toEqual(['services.once.restart']);
  });
});

it('says which images must bring a health check', () => {
  const healthy = (to: string): Dependency => ({
    service: to,
    condition: 'service_healthy',
    required: true,
    restart: false,
  });
  const check = { test: ['CMD', 'x'], intervalMs: 1, timeoutMs: 1, startPeriodMs: 0, retries: 1 };
  const project = projectSpec([
    serviceSpec('db'),
    serviceSpec('cache', { healthCheck: check }),
    serviceSpec('web', { dependsOn: [healthy('db'), healthy('cache')] }),
  ]);
  expect(needsImageHealthCheck(project)).toEqual([{ service: 'db', image: 'db:1', awaitedBy: ['web'] }]);
});
