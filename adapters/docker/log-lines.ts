import { stripVTControlCharacters } from 'node:util';
import { collect, demux } from './demux.ts';
import { answered } from './engine-failure.ts';
import { part, sendForStream, type Wire } from './request.ts';

const MAX_BYTES = 1_000_000;
const MAX_LINE = 500;
/** Of what failed: the cause stands above the stack trace of most languages. */
const LAST_LINES = 20;

/**
 * The last `count` lines, 20 unless told, of a container's log, both streams as they came, without colours, each at most 500
 * characters; a longer one ends with `…`. Empty when there is no log to read (gone, or a log driver that cannot be read). Not masked.
 * @throws EngineFailure
 */
export async function lastLogLines(engine: Wire, id: string, count = LAST_LINES): Promise<string[]> {
  const query = { stdout: true, stderr: true, tail: count };
  try {
    const stream = await sendForStream(engine, { method: 'GET', path: `/containers/${part(id)}/logs`, query });
    const text = demux(await collect(stream, MAX_BYTES));
    return plainLines(text).slice(-count);
  } catch (error) {
    if (answered(error, 404) || answered(error, 501)) return [];
    throw error;
  }
}

/** Lines without control characters and without empty ones at the end. */
export function plainLines(text: string): string[] {
  return stripVTControlCharacters(text)
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => shorten(line.replaceAll(/[^\P{Cc}\t]/gu, '')))
    .filter((line, index, all) => line !== '' || all.length > 1);
}

/** The dots tell whoever masks it that a secret may be cut in two. */
function shorten(line: string): string {
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE - 1)}…`;
}
