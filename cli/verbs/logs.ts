// `dive logs`: what the services said, interleaved by time, secrets masked.
import '../lean-zod.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../../adapters/docker/connect.ts';
import { type LogLine, containerLogs } from '../../adapters/docker/container-logs.ts';
import { inspectContainer } from '../../adapters/docker/inspect.ts';
import { justAfter } from '../../domain/log-time.ts';
import { mask } from '../../domain/mask.ts';
import { CommandFailure, EXIT } from '../exit.ts';
import { type LogSource, logTarget } from '../log-target.ts';
import type { Session } from '../session.ts';

export interface LogsFlags {
  /** Lines of each service; `Infinity` for all. */
  readonly tail: number;
  /** Seconds since 1970, as text. */
  readonly since?: string;
  readonly follow: boolean;
  readonly timestamps: boolean;
}

interface Said extends LogLine {
  readonly source: LogSource;
}

/** What comes at the same time from several containers is put in order within this time. */
const GATHER_MS = 100;
/** A container that ended is looked at again after this time: its restart policy may have started it anew. */
const AGAIN_MS = 1000;

/** Ends with the last container when it follows; Ctrl-C ends it, too, and is no failure. */
export async function logs(
  session: Session,
  words: readonly string[],
  flags: LogsFlags,
  stop: AbortSignal,
): Promise<number> {
  const target = await logTarget(session, words);
  if (target.sources.length === 0) {
    throw new CommandFailure(
      { code: 'DIVE-1207', what: 'there is no container whose log could be read' },
      { instance: target.instance, now: ['nothing was touched'], next: ['dive status', 'dive up'] },
    );
  }
  const width = Math.max(...target.sources.map((s) => s.title.length));
  const print = (lines: readonly Said[]): void => {
    for (const line of lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
      if (stop.aborted) return;
      const text = mask(line.text, target.secrets);
      const { service, container } = line.source;
      session.output.json({ type: 'log', version: 1, service, container, stream: line.stream, at: line.at, text });
      const at = flags.timestamps ? `${line.at} ` : '';
      session.output.say(`${line.source.title.padEnd(width)} | ${at}${text}`);
    }
  };
  const engine = await session.siteEngine();
  const past = await Promise.all(target.sources.map((source) => pastLines(engine, source, flags)));
  print(lastOfEach(past.flat(), flags.tail));
  if (flags.follow) await follow(engine, target.sources, past, flags, print, stop);
  return EXIT.done;
}

async function pastLines(engine: Engine, source: LogSource, flags: LogsFlags): Promise<Said[]> {
  const lines: Said[] = [];
  const options = { since: flags.since, tail: Number.isFinite(flags.tail) ? flags.tail : undefined };
  for await (const line of containerLogs(engine, source.id, options)) lines.push({ ...line, source });
  return lines;
}

/** The last `count` lines of each service, whichever of its containers said them. */
function lastOfEach(lines: readonly Said[], count: number): Said[] {
  if (!Number.isFinite(count)) return [...lines];
  const sorted = lines.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  const seen = new Map<string, number>();
  return sorted
    .filter(({ source }) => {
      const n = (seen.get(source.service) ?? 0) + 1;
      seen.set(source.service, n);
      return n <= count;
    })
    .toReversed();
}

async function follow(
  engine: Engine,
  sources: readonly LogSource[],
  past: readonly (readonly Said[])[],
  flags: LogsFlags,
  print: (lines: readonly Said[]) => void,
  end: AbortSignal,
): Promise<void> {
  let waiting: Said[] = [];
  const flush = (): void => {
    print(waiting);
    waiting = [];
  };
  const timer = setInterval(flush, GATHER_MS);
  const one = async (source: LogSource, from: string | undefined): Promise<void> => {
    for (let since = from; !end.aborted;) {
      for await (const line of containerLogs(engine, source.id, { since, follow: true, signal: end })) {
        waiting.push({ ...line, source });
        since = justAfter(line.at) ?? since;
      }
      await pause(AGAIN_MS, undefined, { signal: end });
      const now = await inspectContainer(engine, source.id);
      if (now?.state !== 'running' && now?.state !== 'restarting') return;
    }
  };
  try {
    const froms = past.map((lines) => justAfter(lines.at(-1)?.at ?? '') ?? flags.since);
    await Promise.all(sources.map((source, i) => one(source, froms[i]).catch(unless(end))));
  } finally {
    clearInterval(timer);
    flush();
  }
}

/** Whoever let go is told of no failure. */
function unless(end: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!end.aborted) throw error;
  };
}
