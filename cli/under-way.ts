// What an operation that is under way has still to do with a service, or has done: that is no sickness. Pure.
import type { InstanceState } from '../domain/states.ts';
import type { ObservedContainer } from '../schema/observed.ts';
import type { ServiceStatus } from './ask-services.ts';

/** `waiting`: not started yet. `starting`: by the operation, and not healthy yet. `removed`: as was asked for. */
export type UnderWay = 'waiting' | 'starting' | 'removed';

export interface OperationUnderWay {
  readonly number: number;
  readonly startedAtMs: number;
  readonly state: InstanceState;
  /** Whether something ran before it. */
  readonly hadRelease: boolean;
}

/** A service with what explains how it is; null where nothing does. Who is explained is nobody's victim. */
export type ExplainedStatus = ServiceStatus & { readonly underWay: UnderWay | null };

/** `operation`: undefined when none is under way. */
export function explain(
  services: readonly ServiceStatus[],
  containers: readonly Pick<ObservedContainer, 'name' | 'state'>[],
  operation: OperationUnderWay | undefined,
): ExplainedStatus[] {
  return services.map((s) => {
    const underWay = operation === undefined || s.healthy ? null : whatOf(s, containers, operation);
    if (underWay === null || operation === undefined) return { ...s, underWay };
    const evidence =
      underWay === 'waiting'
        ? 'not started yet'
        : underWay === 'removed'
          ? `by operation ${operation.number}`
          : s.evidence;
    return { ...s, evidence, victimOf: null, underWay };
  });
}

function whatOf(
  service: ServiceStatus,
  containers: readonly Pick<ObservedContainer, 'name' | 'state'>[],
  { state, hadRelease, startedAtMs }: OperationUnderWay,
): UnderWay | null {
  const own = containers.find((c) => c.name === service.container);
  const isGoing = state === 'CLEANUP' || (!hadRelease && (state === 'FAILED' || state === 'ROLLING_BACK'));
  if (own === undefined) return isGoing ? 'removed' : 'waiting';
  if (isGoing) return null;
  if (own.state === 'created') return 'waiting';
  // What ran before the operation and is sick was not made so by it.
  const isNew = service.since !== null && Date.parse(service.since) >= startedAtMs;
  return own.state === 'running' && isNew ? 'starting' : null;
}
