import { addressesOf, type PublishedPort, wantedPorts } from '../../domain/addresses.ts';

const port = (number: number, more: Partial<PublishedPort> = {}): PublishedPort => ({
  port: number,
  protocol: 'tcp',
  hostIp: '127.0.0.1',
  hostPort: number,
  ...more,
});

test.each([
  ['a usual port of HTTP', [port(8080, { hostPort: 49152 })], [], ['http://127.0.0.1:49152']],
  ['one that is not', [port(5432)], [], ['127.0.0.1:5432']],
  ['one whose probe speaks HTTP', [port(7000)], [7000], ['http://127.0.0.1:7000']],
  ['TLS', [port(8443)], [], ['https://127.0.0.1:8443']],
  ['UDP', [port(53, { protocol: 'udp' })], [53], ['127.0.0.1:53/udp']],
  ['every address of both families is said once', [port(80, { hostIp: '0.0.0.0' }), port(80, { hostIp: '::' })], [], ['http://127.0.0.1:80']],
  ['an address of its own', [port(5432, { hostIp: '192.168.1.2' }), port(6379, { hostIp: '::1' })], [], ['192.168.1.2:5432', '[::1]:6379']],
])('%s', (_, ports, http, urls) => expect(addressesOf(ports, http)).toEqual(urls)); // prettier-ignore

test('of a create body only ports that are named are known', () => {
  const bindings = {
    '80/tcp': [{ HostIp: '', HostPort: '8080' }, { HostPort: '' }, { HostPort: '9000-9010' }],
    '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
  };
  expect(wantedPorts(bindings)).toEqual([
    { port: 80, protocol: 'tcp', hostIp: '', hostPort: 8080 },
    { port: 53, protocol: 'udp', hostIp: '127.0.0.1', hostPort: 53 },
  ]);
  expect(wantedPorts(undefined)).toEqual([]);
});
