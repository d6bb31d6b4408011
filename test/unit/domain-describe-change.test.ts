import { describeChange } from '../../domain/describe-change.ts';

const service = (more: object = {}) => ({
  command: ['serve'],
  environment: { LEVEL: 'secret-1', PORT: '80' },
  image: 'app:1.4',
  ports: [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }],
  ...more,
});
const change = (more: object): string | undefined => describeChange(service(), service(more));
const port = (more: object) => ({ mode: 'ingress', target: 80, protocol: 'tcp', ...more });

test.each([
  ['the tag alone when the repository stays', { image: 'app:1.5' }, 'image app:1.4 → 1.5'],
  ['a registry with a port is no tag', { image: 'host:5000/app' }, 'image app:1.4 → host:5000/app'],
  ['a digest', { image: 'app@sha256:ab' }, 'image app:1.4 → app@sha256:ab'],
  [
    'names of variables, never values',
    { environment: { LEVEL: 'secret-2', LOG_LEVEL: 'secret-3' } },
    'environment LOG_LEVEL added, LEVEL changed, PORT removed',
  ],
  ['a key', { command: ['serve', '--password', 'secret-4'] }, 'command changed'],
  ['a key that is new', { user: '1000' }, 'user added'],
  ['a key that is gone', { command: null }, 'command removed'],
  ['a published port', { ports: [port({ published: '8081' })] }, 'ports 8080 → 8081'],
  ['a port of the container', { ports: [port({ published: '8080', target: 81 })] }, 'ports 8080:80 → 8080:81'],
  [
    'the address it is published on',
    { ports: [port({ published: '8080', host_ip: '127.0.0.1' })] },
    'ports 8080 → 127.0.0.1:8080',
  ],
  ['a port more', { ports: [port({ published: '8080' }), port({ published: '9090' })] }, 'ports 9090:80 added'],
  ['no port any more', { ports: undefined }, 'ports 8080:80 removed'],
  [
    'volumes by their place inside',
    { volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
    'volumes /data added',
  ],
  ['several keys', { image: 'app:1.5', environment: { LEVEL: 'secret-1' } }, 'environment PORT removed · image app:1.4 → 1.5'],
  [
    'many names are cut',
    { environment: { LEVEL: 'secret-1', PORT: '80', A: '', B: '', C: '', D: '', E: '' } },
    'environment A, B, C, 2 more added',
  ],
  ['a variable called __proto__', { environment: JSON.parse('{"__proto__":"x","LEVEL":"secret-1","PORT":"80"}') }, 'environment __proto__ added'],
])('%s', (_, more, text) => {
  expect(change(more)).toBe(text);
  expect(change(more)).not.toContain('secret');
}); // prettier-ignore

test('equal is nothing to say, and null is the same as absent', () => {
  expect(change({})).toBeUndefined();
  expect(change({ user: null })).toBeUndefined();
});
