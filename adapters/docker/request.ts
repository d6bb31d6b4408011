// Every call to the engine goes through here: counted by kind, failures typed, answers raw.
// dockerode's own methods are not used for calls with a body: they would repeat the body in the query string.
import { Duplex, Readable } from 'node:stream';
import type Modem from 'docker-modem';
import { EngineFailure, engineFailure } from './engine-failure.ts';

/** `read` changes nothing; `exec` runs a command in a container (a probe); `mutate` changes something. */
export type CallKind = 'read' | 'exec' | 'mutate';
export type EngineCalls = Record<CallKind, number>;

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Without version, without query; each part already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** JSON. */
  readonly body?: unknown;
  /** A tar, instead of JSON. */
  readonly file?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** @default read for GET and HEAD, mutate otherwise */
  readonly kind?: CallKind;
}

export interface Wire {
  readonly docker: { readonly modem: Modem };
  readonly counts: EngineCalls;
  /** Longest wait for the answer to a plain question, milliseconds. @default 30,000 */
  readonly patienceMs?: number;
}

/** An engine can be stuck on one container (runc in a paused one) and answer for all others: never wait for ever. */
const PATIENCE_MS = 30_000;

/** 304 is among the good ones: "already so" is what an idempotent caller wants to hear. */
const GOOD = { 200: true, 201: true, 202: true, 204: true, 304: true } as const;

/** The parsed JSON of the answer, or its bytes when it is none. @throws EngineFailure, or the signal's reason */
export function send(wire: Wire, request: EngineRequest): Promise<unknown> {
  return dial(wire, request, 'answer');
}

/** The answer as a stream, once its head arrived. @throws EngineFailure, or the signal's reason */
export async function sendForStream(wire: Wire, request: EngineRequest): Promise<NodeJS.ReadableStream> {
  const answer = await dial(wire, request, 'stream');
  if (!isStream(answer)) throw engineFailure(new Error('the engine gave no stream'));
  return answer;
}

/**
 * The connection itself, once the engine handed it over: both ways, without HTTP. Undefined when it, or a proxy before
 * it, only answers. The signal's end is not its end. @throws EngineFailure, or the signal's reason
 */
export async function sendForConnection(wire: Wire, request: EngineRequest): Promise<Duplex | undefined> {
  const answer = await dial(wire, request, 'connection');
  if (answer instanceof Duplex) return answer;
  if (answer instanceof Readable) answer.destroy();
  return undefined;
}

/** One path part, encoded. */
export function part(text: string): string {
  return encodeURIComponent(text);
}

function dial(wire: Wire, request: EngineRequest, wanted: 'answer' | 'stream' | 'connection'): Promise<unknown> {
  request.signal?.throwIfAborted();
  wire.counts[request.kind ?? (request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'mutate')] += 1;
  const patienceMs = wire.patienceMs ?? PATIENCE_MS;
  // Not AbortSignal.timeout: that goes on after the answer, and each then makes an error that nobody reads.
  const late = request.method === 'GET' && wanted === 'answer' ? new AbortController() : undefined;
  const timer = late && setTimeout(() => late.abort(), patienceMs).unref();
  const signals = [request.signal, late?.signal].filter((s) => s !== undefined);
  const options = {
    method: request.method,
    path: pathOf(request),
    isStream: wanted !== 'answer',
    hijack: wanted === 'connection',
    statusCodes: GOOD,
    ...(signals.length === 0 ? {} : { abortSignal: AbortSignal.any(signals) }),
    ...(request.headers === undefined ? {} : { headers: { ...request.headers } }),
    ...(request.file === undefined ? {} : { file: request.file }),
    ...(request.body === undefined ? {} : { options: { _query: {}, _body: request.body } }),
  };
  return new Promise((resolve, reject) => {
    wire.docker.modem.dial(options, (error: unknown, answer: unknown) => {
      clearTimeout(timer);
      if (error === null || error === undefined) resolve(answer);
      else if (request.signal?.aborted === true) reject(abortReason(request.signal));
      else if (late?.signal.aborted === true) reject(stuck(request, patienceMs));
      else reject(engineFailure(error));
    });
  });
}

/** docker-modem cuts the last character of a path with a query when there is no body: the `&` is for that. */
function pathOf(request: EngineRequest): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(key, String(value));
  }
  return query.size === 0 ? request.path : `${request.path}?${query.toString()}&`;
}

function stuck({ method, path }: EngineRequest, ms: number): EngineFailure {
  return new EngineFailure(
    'DIVE-1601',
    `the Docker engine does not answer: nothing in ${ms / 1000} s to ${method} ${path}`,
  );
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

function isStream(value: unknown): value is NodeJS.ReadableStream {
  return typeof value === 'object' && value !== null && 'pipe' in value;
}
