import { z } from 'zod';
import type { Engine } from './connect.ts';
import { authHeader, registryName, type RegistryAuth } from './credentials.ts';
import { engineFailure, EngineFailure } from './engine-failure.ts';
import { registryTrouble } from './registry-words.ts';
import { sendForStream } from './request.ts';
import { streamLines } from './stream-lines.ts';

export interface PullProgress {
  readonly layers: number;
  readonly layersDone: number;
  /** Downloaded so far, of what is known by now; the sum grows while layers are discovered. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface PullOptions {
  readonly platform?: string | undefined;
  readonly auth?: RegistryAuth | undefined;
  /** Called with each line of the engine's, many times a second. */
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Longest silence of the engine, milliseconds: it waits for ever for a registry that breaks off. @default 300,000 */
  readonly silenceMs?: number;
}

const SILENCE_MS = 300_000;

const Line = z.looseObject({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).nullish(),
});

/**
 * Pulls one image; changes nothing that runs, so it needs no fence. Layers had already are not fetched again.
 * @throws EngineFailure DIVE-1208 (the registry's answer), DIVE-1112 (disk full), DIVE-1601, or the signal's reason
 */
export async function pullImage(engine: Engine, reference: string, options: PullOptions = {}): Promise<void> {
  const { image, tag } = splitReference(reference);
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), silenceMs);
  try {
    const stream = await sendForStream(engine, {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: image, tag, platform: options.platform },
      signal: options.signal === undefined ? silent.signal : AbortSignal.any([silent.signal, options.signal]),
      ...(options.auth === undefined ? {} : { headers: { 'X-Registry-Auth': authHeader(options.auth) } }),
    });
    await follow(stream, options.onProgress ?? ((): void => undefined), () => timer.refresh());
    options.signal?.throwIfAborted();
    // A stream that was cut off may just end.
    silent.signal.throwIfAborted();
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!silent.signal.aborted) throw pullFailure(reference, options.auth !== undefined, error);
    const what = `${reference}: the registry ${registryName(reference)} has sent nothing for ${Math.round(silenceMs / 1000)} s`;
    throw new EngineFailure('DIVE-1208', what, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** `repo:tag`, `repo@sha256:…`, or `repo` alone, which is `latest` (the engine would pull all tags). */
export function splitReference(reference: string): { image: string; tag: string } {
  const [named = '', digest] = reference.split('@', 2);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const image = hasTag ? named.slice(0, colon) : named;
  return { image, tag: digest ?? (hasTag ? named.slice(colon + 1) : 'latest') };
}

/** The answer's head is 200 long before the registry was asked: failures come as a line. */
async function follow(
  stream: NodeJS.ReadableStream,
  report: (progress: PullProgress) => void,
  onLine: () => void,
): Promise<void> {
  const layers = new Map<string, { current: number; total: number; done: boolean }>();
  for await (const text of streamLines(stream)) {
    onLine();
    const line = parseLine(text);
    if (line?.error !== undefined) throw new Error(line.error);
    if (line?.id === undefined || line.status === undefined || !/^[0-9a-f]{12}$/.test(line.id)) continue;
    const layer = layers.get(line.id) ?? { current: 0, total: 0, done: false };
    layers.set(line.id, layer);
    if (line.status === 'Downloading') {
      layer.current = line.progressDetail?.current ?? layer.current;
      layer.total = line.progressDetail?.total ?? layer.total;
    } else if (/^(Download complete|Pull complete|Already exists)$/.test(line.status)) {
      layer.current = layer.total;
      layer.done = line.status !== 'Download complete';
    }
    report(summary([...layers.values()]));
  }
}

function summary(layers: readonly { current: number; total: number; done: boolean }[]): PullProgress {
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    layers: layers.length,
    layersDone: layers.filter((layer) => layer.done).length,
    bytes: sum(layers.map((layer) => layer.current)),
    totalBytes: sum(layers.map((layer) => layer.total)),
  };
}

function parseLine(text: string): z.infer<typeof Line> | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whatever a registry says, the image cannot be had; what the engine itself lacks keeps its own code. */
function pullFailure(reference: string, loggedIn: boolean, error: unknown): EngineFailure {
  const failure = engineFailure(error);
  const code = failure.code === 'DIVE-1201' || failure.code === 'DIVE-1207' ? 'DIVE-1208' : failure.code;
  const registry = registryName(reference);
  const trouble = code === 'DIVE-1208' ? registryTrouble(failure.message, { registry, loggedIn }) : undefined;
  const { status } = failure;
  if (trouble === undefined)
    return new EngineFailure(code, `${reference}: ${failure.message}`, { status, cause: error });
  const { words, next, isFinal } = trouble;
  const what = `${reference}: the registry ${registry} ${words}`;
  return new EngineFailure(code, what, { status, cause: error, lines: [failure.message], next, isFinal });
}
