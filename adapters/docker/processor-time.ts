// What a container has used of the processors since it was started, where its engine is on this machine: the kernel's
// own count. The engine's answer to the same question comes up to a second late (Docker 20.10).
import { readFileSync } from 'node:fs';
import type { Engine } from './connect.ts';
import { inspectContainer } from './inspect.ts';

export interface ProcessorTime {
  /** When it was read, milliseconds of the process's own clock. */
  readonly atMs: number;
  /** Of all processors together, milliseconds. */
  readonly usedMs: number;
}

/** Reads it; undefined when the container does not run any more. */
export type ProcessorMeter = () => ProcessorTime | undefined;

const CGROUPS = '/sys/fs/cgroup';

/**
 * undefined when the container does not run, or cannot be measured: another machine's engine, a system without control
 * groups, a worker that does not see them. @throws EngineFailure, or the reason of `signal`
 */
export async function processorMeter(
  engine: Engine,
  id: string,
  signal?: AbortSignal,
): Promise<ProcessorMeter | undefined> {
  if (!engine.local) return undefined;
  const count = asTheLast(id) ?? (await found(engine, id, signal));
  if (count === undefined) return undefined;
  return () => {
    const text = textOf(count.file);
    const usedMs = text === undefined ? Number.NaN : count.usedMs(text);
    return Number.isNaN(usedMs) ? undefined : { atMs: performance.now(), usedMs };
  };
}

/** Containers of one engine are found in one place: where the last one was, with its id for the container's. */
let last: { readonly id: string; readonly count: Count } | undefined;

/** Spares the engine a question for each of a crowd; undefined when it is not there. */
function asTheLast(id: string): Count | undefined {
  if (last === undefined) return undefined;
  const count = { ...last.count, file: last.count.file.replaceAll(last.id, id) };
  return textOf(count.file) === undefined ? undefined : count;
}

async function found(engine: Engine, id: string, signal: AbortSignal | undefined): Promise<Count | undefined> {
  const container = await inspectContainer(engine, id, signal);
  if (container?.pid === undefined) return undefined;
  const count = countOf(textOf(`/proc/${container.pid}/cgroup`) ?? '', container.id);
  if (count !== undefined) last = { id: container.id, count };
  return count;
}

export interface Count {
  readonly file: string;
  /** What its text says; not a number when it says something else. */
  usedMs(text: string): number;
}

/**
 * Where the kernel counts, by a process's control groups (`/proc/<pid>/cgroup`) of the first version or the second;
 * undefined when they are not the container's.
 */
export function countOf(groups: string, id: string): Count | undefined {
  const pathOf = (line: RegExp): string | undefined => {
    const path = line.exec(groups)?.[1];
    return path?.includes(id) ? path : undefined;
  };
  const first = pathOf(/^\d+:(?:[^:\n]+,)?cpuacct(?:,[^:\n]+)?:(.*)$/m);
  if (first !== undefined)
    return { file: `${CGROUPS}/cpuacct${first}/cpuacct.usage`, usedMs: (text) => Number.parseInt(text, 10) / 1e6 };
  const second = pathOf(/^0::(.*)$/m);
  if (second === undefined) return undefined;
  const usage = /^usage_usec (\d+)$/m;
  return { file: `${CGROUPS}${second}/cpu.stat`, usedMs: (text) => Number(usage.exec(text)?.[1]) / 1e3 };
}

/**
 * undefined when it cannot be read: it is gone, or was never here. At once, since the kernel answers from memory:
 * the way through the thread pool costs far more than the reading.
 */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
