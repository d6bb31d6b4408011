// A container's log line by line, with the engine's own times: what `docker logs --timestamps` prints.
import { stripVTControlCharacters } from 'node:util';
import { frames } from './demux.ts';
import { answered } from './engine-failure.ts';
import { part, sendForStream, type Wire } from './request.ts';

export interface LogLine {
  /** RFC 3339, UTC, nine digits behind the second: sorts as text. Empty where the engine gave none. */
  readonly at: string;
  readonly stream: 'stdout' | 'stderr';
  /** Without colours and other control characters. Not masked. */
  readonly text: string;
}

export interface LogOptions {
  /** Last lines of what is there already. @default all */
  readonly tail?: number | undefined;
  /** Only what is later: seconds since 1970, as text, with up to nine digits behind the point. */
  readonly since?: string | undefined;
  /** Goes on with what comes, until the container ends. @default false */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Empty when there is no log to read: the container is gone, or its log driver keeps nothing that can be read.
 * @throws EngineFailure, or the signal's reason
 */
export async function* containerLogs(engine: Wire, id: string, options: LogOptions = {}): AsyncGenerator<LogLine> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: options.follow === true,
    tail: options.tail ?? 'all',
    since: options.since,
  };
  const path = `/containers/${part(id)}/logs`;
  let stream;
  try {
    stream = await sendForStream(engine, { method: 'GET', path, query, signal: options.signal });
  } catch (error) {
    if (answered(error, 404) || answered(error, 501)) return;
    throw error;
  }
  yield* logLines(stream);
}

/** The lines of the engine's log stream, of both streams as they come. */
export async function* logLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<LogLine> {
  const splitters = { stdout: new Splitter('stdout'), stderr: new Splitter('stderr') };
  for await (const { stream: of, bytes } of frames(stream)) yield* splitters[of].put(bytes);
  yield* splitters.stdout.end();
  yield* splitters.stderr.end();
}

class Splitter {
  readonly #stream: LogLine['stream'];
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(stream: LogLine['stream']) {
    this.#stream = stream;
  }

  put(bytes: Buffer): LogLine[] {
    const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = parts.pop() ?? '';
    return parts.map((line) => this.#line(line));
  }

  end(): LogLine[] {
    return this.#rest === '' ? [] : [this.#line(this.#rest)];
  }

  #line(line: string): LogLine {
    const found = /^(\d{4}-\d\d-\d\dT\S+) ?(.*)$/s.exec(line);
    return { at: found?.[1] ?? '', stream: this.#stream, text: plain(found?.[2] ?? line) };
  }
}

function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\t]/gu, '');
}
