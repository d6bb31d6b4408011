// A password that an older volume does not know: who is the root, and when it is not that.
import { memoryAdvice } from '../../domain/memory-advice.ts';
import { refusedByOldVolume } from '../../domain/old-volume.ts';
import type { Dependency } from '../../schema/spec.ts';

const service = (name: string, image: string, needs: string[] = [], host: Record<string, unknown> = {}) => ({
  name,
  image,
  body: { Image: image, Labels: {}, HostConfig: host },
  dependsOn: needs.map((on): Dependency => ({
    service: on,
    condition: 'service_healthy',
    required: true,
    restart: false,
  })),
});
const DB = service('db', 'postgres:15', [], { Binds: ['/etc/x:/x:ro', 'p_data:/var/lib/postgresql/data:rw'] });
const ALL = [DB, service('api', 'shop/api:1', ['db']), service('web', 'shop/web:1', ['api']), service('other', 'x')];
const REFUSED = 'FATAL:  password authentication failed for user "app"';

test('the database that the failed service needs, however far, is the root', () => {
  for (const name of ['api', 'web']) {
    const found = refusedByOldVolume({ what: 'exit 1', why: [REFUSED], service: name }, ALL, ['p_data']);
    expect(found?.root).toBe('db refuses the password: its volume p_data is older and keeps the one it was made with');
    expect(found?.next?.join('\n')).toMatch(/put the old password back.*docker volume rm p_data/s);
  }
});

test('so is the database itself, whose own check is refused', () => {
  expect(refusedByOldVolume({ what: `exit 2: ${REFUSED}`, service: 'db' }, ALL, ['p_data'])?.root).toMatch(
    /^db refuses/,
  );
});

test('the other notation of volumes counts, too', () => {
  const mysql = service('db', 'mysql:8', [], { Mounts: [{ Type: 'volume', Source: 'm', Target: '/var/lib/mysql' }] });
  const failure = { what: "Access denied for user 'app'@'10.0.0.2'", service: 'db' };
  expect(refusedByOldVolume(failure, [mysql], ['m'])?.root).toMatch(/^db refuses/);
});

test.each([
  ['the volume is new', { what: REFUSED, service: 'api' }, ALL, []],
  ['nobody refused a password', { what: 'exit 1', service: 'api' }, ALL, ['p_data']],
  ['it needs no database', { what: REFUSED, service: 'other' }, ALL, ['p_data']],
  ['another database says so', { what: "Access denied for user 'x'", service: 'api' }, ALL, ['p_data']],
])('nothing is said when %s', (_why, failure, services, before) => {
  expect(refusedByOldVolume(failure, services, before)).toBeUndefined();
});

test('dependencies in a circle end', () => {
  const circle = [service('a', 'x', ['b']), service('b', 'x', ['a'])];
  expect(refusedByOldVolume({ what: REFUSED, service: 'a' }, circle, [])).toBeUndefined();
});

test('killed for its memory: its own limit, or the machine', () => {
  expect(memoryAdvice(service('a', 'x', [], { Memory: 16 * 2 ** 20 }))[0]).toContain('limit of a, which is 16 MiB');
  expect(memoryAdvice(service('a', 'x', [], { Memory: 0 }))[0]).toContain('the machine ran out');
  expect(memoryAdvice(undefined)[0]).toContain('the machine ran out');
});
