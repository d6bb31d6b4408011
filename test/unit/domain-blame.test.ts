import fc from 'fast-check';
import { type Patient, dependantsOfSick, victims } from '../../domain/blame.ts';

function one(name: string, healthy: boolean, ...needs: string[]): Patient {
  return { name, healthy, dependsOn: needs.map((service) => ({ service, required: true })), sharesWith: [] };
}
const blamed = (...services: Patient[]): Record<string, string> => Object.fromEntries(victims(services));

test('the root of a chain is blamed for all of it, through a healthy one, too', () => {
  expect(blamed(one('web', false, 'app'), one('app', false, 'db'), one('db', false))).toEqual({ web: 'db', app: 'db' });
  expect(blamed(one('web', false, 'app'), one('app', true, 'db'), one('db', false))).toEqual({ web: 'db' });
});

test('who is sick beside another one is no victim, and who is well is none', () => {
  expect(blamed(one('web', false), one('db', false), one('app', true, 'db'))).toEqual({});
});

test('of two roots the nearer one is named', () => {
  const services = [one('web', false, 'app', 'cache'), one('app', true, 'db'), one('db', false), one('cache', false)];
  expect(blamed(...services)).toEqual({ web: 'cache' });
});

test('an optional dependency is no excuse, a shared namespace is one', () => {
  const mail = one('mail', false);
  expect(blamed({ ...one('web', false), dependsOn: [{ service: 'mail', required: false }] }, mail)).toEqual({});
  expect(blamed({ ...one('web', false), sharesWith: ['mail'] }, mail)).toEqual({ web: 'mail' });
});

test('the healthy ones above a sick one are in doubt, however far above, and nobody else', () => {
  const services = [one('web', true, 'app'), one('app', true, 'db'), one('db', false), one('other', true)];
  expect([...dependantsOfSick(services)]).toEqual(['web', 'app']);
});

test('a dependency outside of the project is nobody', () => {
  expect(blamed(one('web', false, 'elsewhere'))).toEqual({});
});

test('whoever is blamed is sick and no victim; only the sick are victims; somebody is always to blame', () => {
  const graph = fc
    .array(fc.tuple(fc.boolean(), fc.array(fc.nat(30), { maxLength: 4 })), { maxLength: 12 })
    .map((rows) =>
      // Only to earlier ones: a graph without circles.
      rows.map(([healthy, to], i) => one(`s${i}`, healthy, ...(i === 0 ? [] : to.map((t) => `s${t % i}`)))),
    );
  fc.assert(
    fc.property(graph, (services) => {
      const found = victims(services);
      const sick = services.filter((s) => !s.healthy).map((s) => s.name);
      for (const [victim, root] of found) {
        expect(sick).toContain(victim);
        expect(sick).toContain(root);
        expect(found.has(root)).toBe(false);
      }
      expect(sick.length === 0 || sick.some((name) => !found.has(name))).toBe(true);
    }),
  );
});
