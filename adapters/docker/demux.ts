// The engine's stream of a container without a terminal: frames of 8 bytes head (stream, 0, 0, 0, length) and text.

/** Joins the frames of both streams in order; a stream that is not framed (a terminal's) is given back as it is. */
export function demux(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    if (!isHead(bytes, at)) return at === 0 ? bytes.toString('utf8') : Buffer.concat(parts).toString('utf8');
    const length = bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  if (at === 0 && bytes.length > 0 && !isHead(bytes, 0)) return bytes.toString('utf8');
  return Buffer.concat(parts).toString('utf8');
}

function isHead(bytes: Buffer, at: number): boolean {
  return (bytes[at] ?? 9) <= 2 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
}

/**
 * Collects a stream up to `maxBytes`; what comes later is read and dropped.
 * @throws whatever the stream fails with
 */
export async function collect(stream: NodeJS.ReadableStream, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size >= maxBytes) continue;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    size += bytes.length;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

export interface Piece {
  readonly stream: 'stdout' | 'stderr';
  /** As long as the frame was; a character of several bytes may be cut. */
  readonly bytes: Buffer;
}

/**
 * The frames of a stream as they come; of one that is not framed (a terminal's), whatever came together.
 * @throws whatever the stream fails with
 */
export async function* frames(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Piece> {
  let rest: Buffer = Buffer.alloc(0);
  let isFramed: boolean | undefined;
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, typeof chunk === 'string' ? Buffer.from(chunk) : chunk]);
    // A time begins with a digit, a head with 0, 1 or 2.
    if (rest.length > 0) isFramed ??= (rest[0] ?? 0) <= 2;
    if (isFramed !== true) {
      yield { stream: 'stdout', bytes: rest };
      rest = Buffer.alloc(0);
      continue;
    }
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
      const end = 8 + rest.readUInt32BE(4);
      yield { stream: rest[0] === 2 ? 'stderr' : 'stdout', bytes: rest.subarray(8, end) };
      rest = rest.subarray(end);
    }
  }
}
