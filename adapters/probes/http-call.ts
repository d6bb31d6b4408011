// One HTTP request from here to a published port, whatever comes of it.
import { request as httpRequest } from 'node:http';
import { duration, evidence } from './evidence.ts';
import type { Address } from './published-port.ts';

const MAX_BODY = 64 * 1024;
/** Time for the first of a body that is only wanted for what it may explain. */
const BEGINNING_MS = 250;

export interface HttpCall {
  readonly address: Address;
  /** Of the container: what the evidence names. */
  readonly port: number;
  readonly path: string;
  /** JSON, or a form; its presence makes it a POST. */
  readonly body?: string | URLSearchParams;
  /** How much of the body is wanted with this status: one that never ends keeps nobody waiting. @default all of it */
  readonly wanted?: (status: number) => 'nothing' | 'beginning' | 'all';
}

export type HttpAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'failed'; readonly evidence: string };

/**
 * Never rejects for what the other side does. @throws the reason of `signal`
 * Not `fetch`: that refuses some ports a service may well publish (6000, 10080), and keeps connections.
 */
export async function callHttp(
  call: HttpCall,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await send(call, signal === undefined ? late : AbortSignal.any([late, signal]));
  } catch (error) {
    signal?.throwIfAborted();
    if (late.aborted) return { kind: 'failed', evidence: `${call.path}: no answer in ${duration(timeoutMs)}` };
    return { kind: 'failed', evidence: evidence(`port ${call.port}: ${reasonOf(error)}`) };
  }
}

function send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const body = call.body?.toString();
    const type = call.body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json';
    const headers = {
      'User-Agent': 'dive',
      ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
    };
    const method = body === undefined ? 'GET' : 'POST';
    const request = httpRequest(
      { ...call.address, path: call.path, method, headers, agent: false, signal },
      (response) => {
        const status = response.statusCode ?? 0;
        let said = '';
        let pause: NodeJS.Timeout | undefined;
        const finish = (): void => {
          clearTimeout(pause);
          resolve({ kind: 'answered', status, body: said });
          request.destroy();
        };
        const wanted = call.wanted?.(status) ?? 'all';
        if (wanted === 'nothing') return finish();
        if (wanted === 'beginning') pause = setTimeout(finish, BEGINNING_MS);
        response.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (wanted === 'beginning' || said.length > MAX_BODY) finish();
        });
        response.once('end', finish);
        response.once('error', reject);
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

/** "connection refused", or what Node says. */
function reasonOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (code === 'ECONNREFUSED') return 'connection refused';
  // Docker's proxy accepts for a service that does not listen yet, and hangs up.
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed at once, nothing listens inside';
  return error instanceof Error ? error.message : String(error);
}
