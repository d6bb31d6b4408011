import fc from 'fast-check';
import { chooseProbes, httpPorts, openingProbes, probeFindings } from '../../adapters/probes/choose.ts';
import { plainHttpCheck } from '../../adapters/probes/health-check.ts';
import { postgres } from '../../adapters/probes/postgres.ts';
import { nextTryMs } from '../../adapters/probes/schedule.ts';
import { vacuousReason } from '../../adapters/probes/vacuous.ts';
import type { HealthCheck, ServiceSpec } from '../../schema/spec.ts';
import { serviceSpec } from '../support/project-spec.ts';

function check(...test: string[]): HealthCheck {
  return { test, intervalMs: 30_000, timeoutMs: 7000, startPeriodMs: 0, retries: 3 };
}

function service(more: Partial<ServiceSpec> = {}, hostConfig: Record<string, unknown> = {}): ServiceSpec {
  const image = 'shop/web:1';
  return serviceSpec('web', {
    image,
    body: { Image: image, Labels: {}, HostConfig: hostConfig },
    endpoints: [],
    ...more,
  });
}

const PUBLISHED = {
  PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }], '53/udp': [{ HostIp: '', HostPort: '53' }] },
};

test('the own health check is run as Docker would run it, with its own timeout', () => {
  const [probe, ...more] = chooseProbes(service({ healthCheck: check('CMD-SHELL', 'test -f /ready') }));
  expect(probe).toMatchObject({ kind: 'exec', level: 2, argv: ['/bin/sh', '-c', 'test -f /ready'], timeoutMs: 7000 });
  expect(more).toEqual([]);
  expect(chooseProbes(service({ healthCheck: check('CMD', 'pg_isready', '-q') }))[0]).toMatchObject({
    argv: ['pg_isready', '-q'],
  });
});

test('the image’s check counts unless the file has one or disables it', () => {
  const image = { healthCheck: check('CMD', 'of-image') };
  expect(chooseProbes(service(), image)[0]).toMatchObject({ argv: ['of-image'] });
  expect(chooseProbes(service({ healthCheck: check('CMD', 'own') }), image)[0]).toMatchObject({ argv: ['own'] });
  expect(chooseProbes(service({ healthCheckDisabled: true }), image)[0]).toMatchObject({ kind: 'running', level: 1 });
});

test('without a check the published TCP ports are asked, else it has to keep running', () => {
  expect(chooseProbes(service({}, PUBLISHED))[0]).toMatchObject({ kind: 'running', level: 2, ports: [8080] });
  expect(chooseProbes(service())[0]).toMatchObject({
    kind: 'running',
    level: 1,
    ports: [],
    settleMs: 2000,
    idleMs: 1000,
  });
  const patient = { options: { settleMs: 30_000 } };
  expect(chooseProbes(service(patient))[0]).toMatchObject({ kind: 'running', settleMs: 30_000 });
  // What is written is meant as it stands.
  expect(chooseProbes(service(patient))[0]).not.toHaveProperty('idleMs');
  expect(chooseProbes(service({ options: { settleMs: 0 } }))[0]).toMatchObject({ settleMs: 0 });
  expect(chooseProbes(service(patient, PUBLISHED))[0]).toMatchObject({ ports: [8080], settleMs: 30_000 });
  const elsewhere = { PortBindings: { '80/tcp': [{ HostIp: '192.0.2.1', HostPort: '80' }] } };
  expect(chooseProbes(service({}, elsewhere))[0]).toMatchObject({ ports: [] });
});

test('a plain HTTP check of a published port may be asked by HTTP first', () => {
  const healthCheck = check('CMD-SHELL', 'curl -fsS http://localhost:8080/health || exit 1');
  expect(chooseProbes(service({ healthCheck }, PUBLISHED))[0]).toMatchObject({
    cheaper: { port: 8080, path: '/health' },
  });
  expect(chooseProbes(service({ healthCheck }))[0]).not.toHaveProperty('cheaper');
});

test('x-dive.probes says all, shallow ones first', () => {
  const probes = chooseProbes(
    service({
      image: 'postgres:17',
      healthCheck: check('CMD', 'true'),
      options: {
        probes: [
          { postgres: {} },
          { exec: ['ready'] },
          { http: { port: 80, path: '/h', expect: 204, contains: 'up' } },
          { tcp: { port: 5 } },
        ],
      },
    }),
  );
  expect(probes.map((probe) => [probe.kind, probe.level])).toEqual([
    ['tcp', 2],
    ['exec', 3],
    ['http', 3],
    ['functional', 4],
  ]);
  expect(probes[2]).toMatchObject({ statuses: [204], contains: 'up', path: '/h' });
  expect(openingProbes(probes).map((probe) => probe.kind)).toEqual(['tcp', 'exec', 'http']);
});

test('a known image adds its functional probe, which opens nobody', () => {
  const probes = chooseProbes(service({ image: 'postgres:17', healthCheck: check('CMD', 'pg_isready') }));
  expect(probes.map((probe) => probe.kind)).toEqual(['exec', 'functional']);
  const own = check('CMD', 'pg_isready');
  const options = { probes: [{ postgres: {} }, { exec: ['self-check'], level: 4 }] };
  const added = chooseProbes(service({ healthCheck: own, options }));
  expect(added.map((p) => [p.kind, p.level])).toEqual([['exec', 2], ['functional', 4], ['exec', 4]]); // prettier-ignore
  expect(openingProbes(added)).toHaveLength(1);
});

test.each([
  ['postgres', true],
  ['postgres:17-alpine', true],
  ['reg.test:5000/library/postgres:17@sha256:00', true],
  ['postgres-exporter:1', false],
  ['reg.test:5000/shop', false],
  ['bitnami/postgresql:17', false],
])('%s as a PostgreSQL image: %s', (image, expected) => expect(postgres.isImage(image)).toBe(expected));

test('wrong probes are errors at their place, and are left out', () => {
  const wrong = service(
    { options: { probes: [{ http: { port: 80, pth: '/' } }, { tcp: { port: 99 } }, { ping: {} }] } },
    PUBLISHED,
  );
  const { errors, warnings } = probeFindings(wrong);
  expect(errors.map((finding) => [finding.code, finding.path])).toEqual([
    ['DIVE-1110', 'services.web.x-dive.probes[0]'],
    ['DIVE-1110', 'services.web.x-dive.probes[1]'],
    ['DIVE-1110', 'services.web.x-dive.probes[2]'],
  ]);
  expect(warnings).toEqual([]);
  expect(chooseProbes(wrong).map((probe) => probe.kind)).toEqual(['tcp']);
});

test.each([
  [check('CMD', 'true'), 'true'],
  [check('CMD', '/bin/true'), 'true'],
  [check('CMD-SHELL', 'exit 0'), 'exit 0'],
  [check('CMD-SHELL', ':'), ':'],
  [check('CMD-SHELL', 'curl -f http://localhost/ || true'), 'hides'],
  [check('CMD-SHELL', 'curl -f http://localhost/ || exit 0'), 'hides'],
  [check('CMD-SHELL', 'curl -f http://localhost/; exit 0'), 'hides'],
  [check('CMD-SHELL', 'curl -f http://localhost/ || echo sick'), 'hides'],
  [check('CMD', 'sh', '-c', 'nc -z localhost 80 || true'), 'hides'],
  [check('CMD', 'opa', 'version'), 'opa version'],
  [check('CMD-SHELL', '/usr/bin/opa version || exit 1'), 'opa version'],
  [check('CMD-SHELL', 'node --version > /dev/null 2>&1'), 'node --version'],
  [check('CMD-SHELL', 'echo ok && true'), 'true'],
  [check('CMD', 'echo', 'fine'), 'echo'],
  [check('CMD-SHELL', 'kill -0 1'), 'first process'],
])('cannot fail: %j', (own, reason) => {
  expect(vacuousReason(own)).toContain(reason);
  const { warnings } = probeFindings(service({ healthCheck: own }));
  expect(warnings).toEqual([
    { code: 'DIVE-1110', path: 'services.web.healthcheck', message: expect.stringContaining('cannot fail') },
  ]);
});

test.each([
  [check('CMD', 'pg_isready', '-U', 'me')],
  [check('CMD-SHELL', 'curl -f http://localhost/health || exit 1')],
  [check('CMD-SHELL', 'test -f /tmp/ready')],
  [check('CMD-SHELL', 'redis-cli ping | grep PONG')],
  [check('CMD-SHELL', 'true && nc -z localhost 80')],
  [check('CMD-SHELL', 'echo ruok | nc localhost 2181 | grep imok')],
  [check('CMD', 'curl', '-v', 'http://localhost/')],
  [check('CMD-SHELL', '[ "$(cat /state)" = up ]')],
  [check('CMD-SHELL', 'exit 1')],
  [check('CMD-SHELL', 'mysqladmin ping -h localhost || (echo sick && exit 1)')],
  [check('CMD', 'dotnet', 'check.dll', '--version')],
])('can fail: %j', (own) => expect(vacuousReason(own)).toBeUndefined());

test.each([
  [check('CMD', 'curl', '-f', 'http://localhost:8080/health?x=1'), { port: 8080, path: '/health?x=1' }],
  [check('CMD-SHELL', "wget -q --spider 'http://127.0.0.1:3000/' || exit 1"), { port: 3000, path: '/' }],
  [check('CMD-SHELL', 'wget --no-verbose --tries=1 --spider localhost/ping'), { port: 80, path: '/ping' }],
  [check('CMD-SHELL', 'curl -sf http://localhost:9/ > /dev/null || exit 1'), { port: 9, path: '/' }],
])('asks no more than HTTP: %j', (own, question) => expect(plainHttpCheck(own)).toEqual({ ...question, statuses: [] }));

test.each([
  [check('CMD-SHELL', 'curl -f http://localhost:8080/ | grep ok')],
  [check('CMD-SHELL', 'curl -f http://$HOSTNAME:8080/')],
  [check('CMD', 'curl', '-f', 'http://db:8080/')],
  [check('CMD', 'curl', '-f', 'https://localhost:8443/')],
  [check('CMD', 'curl', '-H', 'Host: x', 'http://localhost/')],
  [check('CMD', 'curl', '-X', 'POST', 'http://localhost/')],
  [check('CMD', 'pg_isready')],
])('asks more than HTTP: %j', (own) => expect(plainHttpCheck(own)).toBeUndefined());

test('tries come fast at first, slower later, fast again when it is expected', () => {
  expect([0, 5000, 30_000, 90_000].map((ms) => nextTryMs({ kind: 'http' }, ms))).toEqual([50, 50, 100, 250]);
  expect([0, 2000, 10_000, 90_000].map((ms) => nextTryMs({ kind: 'exec' }, ms))).toEqual([100, 100, 250, 1000]);
  expect([1000, 8000, 11_000].map((ms) => nextTryMs({ kind: 'exec' }, ms, 10_000))).toEqual([500, 100, 100]);
});

test('whether it still runs is looked at when it has run for long enough', () => {
  const running = { kind: 'running', ports: [], settleMs: 2000 } as const;
  expect([0, 500, 1990, 90_000].map((ms) => nextTryMs(running, ms))).toEqual([2000, 1500, 50, 500]);
  expect(nextTryMs({ ...running, ports: [80] }, 0)).toBe(50);
});

test('waits are always between 50 ms and a second', () => {
  const kinds = fc.constantFrom<'http' | 'exec' | 'tcp' | 'functional'>('http', 'exec', 'tcp', 'functional');
  fc.assert(
    fc.property(kinds, fc.nat(1e6), fc.option(fc.nat(1e6), { nil: undefined }), (kind, elapsedMs, expectedMs) => {
      const ms = nextTryMs({ kind }, elapsedMs, expectedMs);
      expect(ms).toBeGreaterThanOrEqual(50);
      expect(ms).toBeLessThanOrEqual(1000);
    }),
  );
});

test.each<[string, string[], number[]]>([
  ['curl on a published port', ['CMD', 'curl', '-f', 'http://localhost:8080/health'], [8080]],
  [
    'bash that speaks HTTP',
    ['CMD', 'bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/4000; printf "GET / HTTP/1.0\\r\\n" >&3'],
    [4000],
  ],
  ['bash that only connects', ['CMD', 'bash', '-c', ': 3<>/dev/tcp/127.0.0.1/5432'], []],
  ['bash that asks another host', ['CMD', 'bash', '-c', 'exec 3<>/dev/tcp/db/80; printf "GET / HTTP/1.0" >&3'], []],
])('HTTP is spoken where the check speaks it: %s', (_what, test, ports) => {
  expect(httpPorts(chooseProbes(service({ healthCheck: check(...test) }, PUBLISHED)))).toEqual(ports);
});
