// When the worker asked the engine for each creation and each start, as `engine-requests.cjs` wrote it down.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface EngineRequest {
  readonly kind: 'create' | 'start';
  /** The name of the container to create, or the id of the one to start. */
  readonly container: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Where they are written for the server of this home. */
export function requestsFile(home: string): string {
  return join(home, 'engine-requests');
}

/** All since the server was started, oldest first. */
export function engineRequests(home: string): EngineRequest[] {
  const file = requestsFile(home);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => readRequest(JSON.parse(line)) ?? []);
}

function readRequest(value: unknown): EngineRequest | undefined {
  if (typeof value !== 'object' || value === null || !('atMs' in value) || !('path' in value)) return undefined;
  const url = new URL(String(value.path), 'http://engine');
  const atMs = Number(value.atMs);
  const [, id] = /\/containers\/([^/]+)\/start$/.exec(url.pathname) ?? [];
  if (id !== undefined) return { kind: 'start', container: id, atMs };
  const name = url.searchParams.get('name');
  return name === null ? undefined : { kind: 'create', container: name, atMs };
}
