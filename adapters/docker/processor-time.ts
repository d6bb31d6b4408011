// What a container has used of the processors since it was started, where its engine is on this machine: the kernel's
// own count. The engine's answer to the same question comes up to a second late, and costs it more than the kernel.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readAnswer } from './answers.ts';
import type { Engine } from './connect.ts';
import { orNothing } from './inspect.ts';
import { part, send } from './request.ts';

export interface ProcessorTime {
  /** When it was read, milliseconds of the process's own clock. */
  readonly atMs: number;
  /** Of all processors together, milliseconds. */
  readonly usedMs: number;
}

/** Reads it; undefined when the container does not run any more. */
export type ProcessorMeter = () => Promise<ProcessorTime | undefined>;

const Inspected = z.object({ Id: z.string(), State: z.object({ Pid: z.number() }) });
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
  const answer = await orNothing(send(engine, { method: 'GET', path: `/containers/${part(id)}/json`, signal }));
  if (answer === undefined) return undefined;
  const { Id, State } = readAnswer(Inspected, answer);
  const groups = State.Pid === 0 ? undefined : await textOf(`/proc/${State.Pid}/cgroup`);
  const count = groups === undefined ? undefined : countOf(groups, Id);
  if (count === undefined) return undefined;
  return async () => {
    const text = await textOf(count.file);
    const found = text === undefined ? undefined : count.pattern.exec(text)?.[1];
    return found === undefined ? undefined : { atMs: performance.now(), usedMs: Number(found) / count.perMs };
  };
}

interface Count {
  readonly file: string;
  readonly pattern: RegExp;
  readonly perMs: number;
}

/** Where the kernel counts for these groups (`/proc/<pid>/cgroup`); undefined when they are not the container's. */
function countOf(groups: string, id: string): Count | undefined {
  const pathOf = (line: RegExp): string | undefined => [groups.match(line)?.[1]].find((path) => path?.includes(id));
  const first = pathOf(/^\d+:(?:[^:\n]+,)?cpuacct(?:,[^:\n]+)?:(.*)$/m);
  if (first !== undefined) return { file: `${CGROUPS}/cpuacct${first}/cpuacct.usage`, pattern: /^(\d+)/, perMs: 1e6 };
  const second = pathOf(/^0::(.*)$/m);
  return second === undefined
    ? undefined
    : { file: `${CGROUPS}${second}/cpu.stat`, pattern: /^usage_usec (\d+)$/m, perMs: 1e3 };
}

/** undefined when it cannot be read: it is gone, or was never here. */
function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
