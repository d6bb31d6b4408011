import type { ServiceSpec } from '../schema/spec.ts';

/** What to do about a container that was killed for its memory. */
export function memoryAdvice(service: Pick<ServiceSpec, 'name' | 'body'> | undefined): string[] {
  const limit = service?.body.HostConfig['Memory'];
  return typeof limit === 'number' && limit > 0
    ? [
        `raise the memory limit of ${service?.name ?? 'it'}, which is ${Math.round(limit / 2 ** 20)} MiB, then   dive up`,
      ]
    : ['it has no limit of its own, so the machine ran out: docker stats shows who uses how much'];
}
