// The engine's own condition: what preflight asks.
import { statfs } from 'node:fs/promises';
import { Info, readAnswer } from './answers.ts';
import type { Engine } from './connect.ts';
import { send, type Wire } from './request.ts';

const LEAST_FREE_BYTES = 1_000_000_000;
const LEAST_FREE_SHARE = 0.05;

export interface EngineInfo {
  readonly version: string;
  readonly apiVersion: string;
  /** Folder where the engine keeps images and volumes. */
  readonly dataRoot: string;
  /** Space of that folder, bytes; absent when the engine is on another machine or the folder cannot be seen. */
  readonly space?: { readonly freeBytes: number; readonly totalBytes: number };
  readonly cpus: number;
  readonly memoryBytes: number;
}

export async function engineInfo(engine: Engine): Promise<EngineInfo> {
  const info = readAnswer(Info, await send(engine, { method: 'GET', path: '/info' }));
  const space = engine.local ? await spaceOf(info.DockerRootDir) : undefined;
  return {
    version: engine.version,
    apiVersion: engine.apiVersion,
    dataRoot: info.DockerRootDir,
    ...(space === undefined ? {} : { space }),
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
  };
}

/** Enough for a deployment: 1 GB and 5 % of the whole. */
export function isRoomEnough({ freeBytes, totalBytes }: NonNullable<EngineInfo['space']>): boolean {
  return freeBytes >= LEAST_FREE_BYTES && freeBytes >= totalBytes * LEAST_FREE_SHARE;
}

/** A Docker Desktop has its data root inside a virtual machine: what cannot be seen is not claimed. */
async function spaceOf(path: string): Promise<{ freeBytes: number; totalBytes: number } | undefined> {
  try {
    const found = await statfs(path);
    return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
  } catch {
    return undefined;
  }
}

/**
 * Resolves when the engine has told its containers and its networks. One that is stuck on a container or on a network
 * still tells its version. @throws EngineFailure, or the reason of `signal`
 */
export async function answersForAll(engine: Wire, signal: AbortSignal): Promise<void> {
  const paths = ['/containers/json', '/networks'];
  await Promise.all(paths.map((path) => send(engine, { method: 'GET', path, signal })));
}
