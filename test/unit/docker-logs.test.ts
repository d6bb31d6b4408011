import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type LogLine, logLines } from '../../adapters/docker/container-logs.ts';
import { justAfter, sinceSeconds } from '../../domain/log-time.ts';

const AT = '2026-01-02T03:04:05.000000006Z';

function frame(stream: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function read(...chunks: Buffer[]): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of logLines(Readable.from(chunks))) lines.push(line);
  return lines;
}

test('both streams of a container are told apart, however the bytes are cut', async () => {
  const bytes = Buffer.concat([
    frame(1, `${AT} grüße\n`),
    frame(2, `${AT} \u001b[31mbad\u001b[0m\n`),
    frame(1, `${AT} \n`),
  ]);
  const wanted = [
    { at: AT, stream: 'stdout', text: 'grüße' },
    { at: AT, stream: 'stderr', text: 'bad' },
    { at: AT, stream: 'stdout', text: '' },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 6 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      expect(await read(...at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(wanted);
    }),
  );
});

test('a terminal’s stream has no frames; a last line without an end counts', async () => {
  expect(await read(Buffer.from(`${AT} one\r\n${AT} tw`), Buffer.from('o'))).toEqual([
    { at: AT, stream: 'stdout', text: 'one' },
    { at: AT, stream: 'stdout', text: 'two' },
  ]);
});

test.each([
  ['42m', '997480.000'],
  ['1h30m', '994600.000'],
  ['1.5s', '999998.500'],
  ['1970-01-01T00:00:10Z', '10.000'],
  ['1700000000.5', '1700000000.5'],
  ['yesterday', undefined],
  ['', undefined],
  ['5', '5'],
])('--since %s', (text, wanted) => {
  expect(sinceSeconds(text, 1_000_000_000)).toBe(wanted);
});

test('following goes on right after the last line', () => {
  expect(justAfter('1970-01-01T00:00:10.000000041Z')).toBe('10.000000042');
  expect(justAfter('1970-01-01T00:00:10.999999999Z')).toBe('11.000000000');
  expect(justAfter('')).toBeUndefined();
});
