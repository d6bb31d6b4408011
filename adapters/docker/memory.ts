// Memory of the machine that the engine is on, where that is this one.
import { readFile } from 'node:fs/promises';
import type { Finding } from '../../schema/finding.ts';
import type { ProjectSpec } from '../../schema/spec.ts';
import type { Engine } from './connect.ts';

/** Less than this and the kernel soon kills something, whatever the limits say. */
const LEAST_AVAILABLE_BYTES = 256 * 2 ** 20;

/** Warnings: little is left, or more is reserved than there is at all. Limits may well add up to more. */
export async function memoryWarnings(engine: Pick<Engine, 'local'>, project: ProjectSpec): Promise<Finding[]> {
  const text = engine.local ? await readFile('/proc/meminfo', 'utf8').catch(() => '') : '';
  const [available, total] = [bytesOf('MemAvailable', text), bytesOf('MemTotal', text)];
  if (available === undefined || total === undefined) return [];
  const reserved = reservedBytes(project);
  const code = 'DIVE-1114';
  return [
    ...(available < LEAST_AVAILABLE_BYTES
      ? [
          {
            code,
            message: `only ${mib(available)} of ${mib(total)} of memory are left: containers may be killed for it`,
          } as const,
        ]
      : []),
    ...(reserved > total
      ? [
          {
            code,
            message: `its services reserve ${mib(reserved)} of memory, and the machine has ${mib(total)}`,
          } as const,
        ]
      : []),
  ];
}

function reservedBytes(project: ProjectSpec): number {
  return project.services.reduce((sum, service) => {
    const reserved = service.body.HostConfig['MemoryReservation'];
    return sum + (typeof reserved === 'number' ? reserved * service.containers.length : 0);
  }, 0);
}

function bytesOf(name: string, text: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
