import fc from 'fast-check';
import { Readable } from 'node:stream';
import { inheritVolumes } from '../../adapters/docker/anonymous-volumes.ts';
import { collect, demux } from '../../adapters/docker/demux.ts';
import { plainLines } from '../../adapters/docker/log-lines.ts';
import { observedContainer, ownName } from '../../adapters/docker/observe.ts';
import { streamLines } from '../../adapters/docker/stream-lines.ts';
import type { CreateBody } from '../../schema/spec.ts';

function frame(stream: number, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

test('frames of both streams are joined in order; a terminal’s stream has none', () => {
  const texts = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string()));
  fc.assert(
    fc.property(texts, (parts) => {
      const bytes = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)));
      expect(demux(bytes)).toBe(parts.map(([, text]) => text).join(''));
    }),
  );
  expect(demux(Buffer.from('just text of a terminal'))).toBe('just text of a terminal');
  expect(demux(Buffer.from('short'))).toBe('short');
  expect(demux(frame(1, 'cut short').subarray(0, 11))).toBe('cut');
});

test('a stream is read to its end and kept up to its limit', async () => {
  let read = 0;
  const chunks = (function* (): Generator<Buffer> {
    for (; read < 10; read += 1) yield Buffer.from('12345');
  })();
  expect((await collect(Readable.from(chunks), 12)).toString()).toBe('123451234512');
  expect(read).toBe(10);
});

test('lines do not depend on where chunks begin; a broken stream is no end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^[a-zäö ]{0,9}$/)), fc.nat(7), async (lines, cut) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
      const chunks = [];
      for (let at = 0; at < bytes.length; at += cut + 1) chunks.push(bytes.subarray(at, at + cut + 1));
      expect(await all(streamLines(Readable.from(chunks)))).toEqual(lines);
    }),
  );
  const breaks = Readable.from(['one\n', 'two\n']);
  breaks.once('data', () => breaks.destroy(new Error('cut')));
  await expect(all(streamLines(breaks))).rejects.toThrow('cut');
});

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found = [];
  for await (const line of lines) found.push(line);
  return found;
}

test('log lines carry no colours and no control characters, and are cut', () => {
  expect(plainLines('\u001b[31mred\u001b[0m\r\nbell\u0007\n\nend\n\n')).toEqual(['red', 'bell', '', 'end']);
  expect(plainLines('x'.repeat(9999))[0]).toBe(`${'x'.repeat(499)}…`);
  expect(plainLines('')).toEqual([]);
});

test.each([
  ['Exited (3) 5 seconds ago', { exitCode: 3 }],
  ['Exited (137) 2 weeks ago', { exitCode: 137 }],
  ['Restarting (1) 1 second ago', { exitCode: 1 }],
  ['Up 2 minutes (healthy)', { health: 'healthy' }],
  ['Up 2 seconds (health: starting)', { health: 'starting' }],
  ['Up 2 minutes (unhealthy)', { health: 'unhealthy' }],
  ['Up 2 minutes (Paused)', {}],
  ['Created', {}],
])('"%s" in the list', (Status, expected) => {
  const listed = {
    Id: 'i',
    Names: ['/other/alias', '/shop-web-1'],
    Image: 'web',
    ImageID: 'sha256:1',
    Labels: {},
    State: 's',
    Status,
    Ports: [],
  };
  const { exitCode, health, name } = observedContainer(listed);
  expect({ ...(exitCode !== undefined && { exitCode }), ...(health && { health }) }).toEqual(expected);
  expect(name).toBe('shop-web-1');
});

test('a container’s own name is the one without a second slash', () => {
  expect(ownName(['/web/db', '/shop-db-1'])).toBe('shop-db-1');
  expect(ownName([])).toBe('');
});

describe('anonymous volumes', () => {
  const body = (hostConfig: CreateBody['HostConfig']): CreateBody => ({
    Image: 'x',
    Labels: {},
    HostConfig: hostConfig,
  });
  const old = [
    { name: 'aaa', destination: '/data' },
    { name: 'bbb', destination: '/var/lib/image' },
    { name: 'shop_named', destination: '/named' },
  ];

  test('go under anonymous mounts and the image’s own paths, and nowhere else', () => {
    const before = body({
      Binds: ['shop_named:/named:rw'],
      Mounts: [
        { Type: 'volume', Target: '/data/' },
        { Type: 'volume', Target: '/new' },
        { Type: 'tmpfs', Target: '/var/tmp' },
      ],
    });
    expect(inheritVolumes(before, ['/var/lib/image', '/named', '/unknown'], old).HostConfig['Mounts']).toEqual([
      { Type: 'volume', Target: '/data/', Source: 'aaa' },
      { Type: 'volume', Target: '/new' },
      { Type: 'tmpfs', Target: '/var/tmp' },
      { Type: 'volume', Target: '/var/lib/image', Source: 'bbb' },
    ]);
  });

  test('a mount that has a source keeps it, and without old ones nothing changes', () => {
    const named = body({ Mounts: [{ Type: 'volume', Target: '/data', Source: 'mine' }] });
    expect(inheritVolumes(named, [], old)).toEqual(named);
    expect(inheritVolumes(body({}), ['/data'], [])).toEqual(body({}));
  });
});
