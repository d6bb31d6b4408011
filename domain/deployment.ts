// What a deployment workflow and its activities say to each other. Small on purpose: specs travel by digest only.
import type { FailureDetails } from './failures.ts';
import type { InstanceState } from './states.ts';
import type { ContainerOp } from './plan.ts';
import type { Condition, ServiceClass } from '../schema/service-options.ts';
import type { DeployOptions } from '../schema/inputs.ts';
import type { ProgressEvent } from './messages.ts';
import type { Plan } from '../schema/plan.ts';

/** Identifies the operation in every activity call. */
export interface OperationRef {
  readonly instance: string;
  /** The operation's number and its fence. */
  readonly fence: number;
}

export interface OpenedOperation extends OperationRef {
  readonly site: string;
  readonly state: InstanceState;
  readonly project: string;
  /** Digest of the spec to deploy; null: the files must be read again. */
  readonly spec: string | null;
  readonly options: DeployOptions;
  /** A release was complete before: going back ends in COMPLETE, else in UNKNOWN. */
  readonly hadRelease: boolean;
  /** Of a teardown: remove named volumes too. */
  readonly volumes: boolean;
}

export interface PlannedContainer {
  readonly name: string;
  readonly number: number;
  readonly op: ContainerOp;
  /** Why; names of keys, never values. Absent in plans of older versions. */
  readonly cause?: string;
  readonly id?: string;
}

export interface PlannedService {
  readonly name: string;
  readonly containers: readonly PlannedContainer[];
  readonly dependsOn: readonly {
    readonly service: string;
    readonly condition: Condition;
    readonly required: boolean;
  }[];
  readonly class: ServiceClass;
  /** Its end is its purpose: `must` when somebody waits for it. */
  readonly completes: 'must' | 'may' | 'no';
  /** Expected milliseconds from start to healthy. */
  readonly expectedMs: number;
  /** The same from its own history; absent without one. */
  readonly usualMs?: number;
  /** Longest allowed, milliseconds. */
  readonly timeoutMs: number;
  /** Own expected time plus the longest chain after it: larger starts first. */
  readonly rankMs: number;
}

export interface PlannedDeployment {
  readonly spec: string;
  readonly services: readonly PlannedService[];
  readonly surplus: readonly (PlannedContainer & { readonly service: string })[];
  readonly images: readonly {
    readonly image: string;
    readonly how: 'pull' | 'build';
    readonly services: readonly string[];
    /** It must not be pulled, and is not here. */
    readonly never?: true;
  }[];
  /** Networks and volumes to make. */
  readonly objects: number;
  /** Changing operations in all; 0: nothing to do. */
  readonly changes: number;
  readonly summary: string;
  /** Said once: checks that cannot fail and the like. */
  readonly warnings: readonly string[];
  readonly criticalPath: readonly string[];
  /** Expected, milliseconds, of the whole: the path, or all starts where the engine is busy with those for longer. */
  readonly criticalPathMs: number;
}

/** Among the starts that a workflow asks for at one moment. */
export interface Turn {
  /** The workflow's clock, milliseconds since 1970. */
  readonly momentMs: number;
  /** 0 for the most urgent, without gaps. */
  readonly place: number;
}

export interface StartedService {
  /** When they were seen to be started, milliseconds since 1970. */
  readonly containers: readonly { readonly name: string; readonly id: string; readonly startedAtMs: number }[];
}

export interface ServiceVerdict {
  readonly service: string;
  readonly ok: boolean;
  /** Deepest level asked. */
  readonly level: number;
  readonly evidence: string;
  readonly durationMs: number;
  /** When it was found, milliseconds since 1970: of several that come together each has its own. Absent in histories of before, and of a verification. */
  readonly atMs?: number;
  readonly failure?: FailureDetails;
  /** With their times of start by the engine's clock; of a verification only when they were restarted by it. */
  readonly containers?: StartedService['containers'];
}

export interface EngineCalls {
  readonly read: number;
  readonly exec: number;
  readonly mutate: number;
}

/** The plan of an instance, and what asking for it cost. */
export interface Inspection {
  readonly plan: Plan;
  readonly engineCalls: EngineCalls;
}

export interface Completed {
  readonly release: number;
  /** What runs is what this release had before: none was written. */
  readonly isAsBefore?: boolean;
  readonly engineCalls: EngineCalls;
  /** `service → http://127.0.0.1:8080`, loopback or any address published. */
  readonly addresses: readonly { readonly service: string; readonly url: string }[];
}

/** A service whose containers were stopped and removed. */
export interface TakenAway {
  readonly service: string;
  /** When they were gone, by the worker's clock, milliseconds since 1970. */
  readonly atMs: number;
  /** From the first request to stop. */
  readonly ms: number;
  /** What was unusual about its end; empty for most. */
  readonly text: string;
}

/** What a service is after it was taken back. `degraded`: it was started again, or stayed, and is not healthy. */
export interface Returned {
  readonly service: string;
  readonly phase: 'removed' | 'restored' | 'degraded';
  /** Of a degraded one: what is said of it. */
  readonly evidence?: string;
}

export interface Reverted {
  /** The world is as it was before the operation. */
  readonly exact: boolean;
  /** What differs, or what was left, a line each. */
  readonly differences: readonly string[];
  /** What was done, a line each. */
  readonly done: readonly string[];
  /** Absent: of an old worker. */
  readonly services?: readonly Returned[];
  /** Volumes kept, by name. */
  readonly volumes: readonly string[];
  readonly engineCalls: EngineCalls;
}

export type Outcome = 'up' | 'unchanged' | 'down' | 'rolled-back' | 'not-rolled-back' | 'cancelled';

/** Result of a deployment that ended well. */
export interface DeploymentResult {
  readonly version: 1;
  readonly instance: string;
  readonly operation: number;
  readonly outcome: Outcome;
  readonly release: number;
  readonly services: readonly {
    readonly service: string;
    readonly level: number;
    readonly evidence: string;
    readonly ms?: number;
  }[];
  readonly degraded: readonly string[];
  readonly changed: readonly string[];
  readonly durationMs: number;
  readonly criticalPath: readonly string[];
  readonly criticalPathMs: number;
  readonly engineCalls: EngineCalls;
  readonly addresses: Completed['addresses'];
  /** The end of the operation's events: who has followed it so far need not ask again. */
  readonly lastEvents: readonly ProgressEvent[];
}

/** `details[0]` of the failure a deployment ends with. */
export interface DeploymentFailure extends FailureDetails {
  readonly instance: string;
  readonly operation: number;
  readonly outcome: 'rolled-back' | 'not-rolled-back' | 'cancelled';
  readonly exitCode: number;
  /** State of the world, sentences. */
  readonly now: readonly string[];
  readonly durationMs: number;
}

export interface TeardownResult {
  readonly version: 1;
  readonly instance: string;
  readonly operation: number;
  readonly outcome: 'down';
  readonly removed: readonly string[];
  readonly volumesKept: readonly string[];
  readonly durationMs: number;
  readonly engineCalls: EngineCalls;
  /** The latest events, oldest first. */
  readonly lastEvents: readonly ProgressEvent[];
}
