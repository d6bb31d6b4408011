// Names and payloads of signals and queries; workflows/messages.ts defines them for Temporal.
import type { InstanceState } from './states.ts';
import type { FailureDetails } from './failures.ts';

export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';
export const PROGRESS_QUERY = 'progress';

export interface PausePayload {
  readonly by?: string;
}

export type ProgressKind =
  | 'opened'
  | 'state'
  | 'plan'
  | 'note'
  | 'image'
  | 'starting'
  | 'started'
  | 'healthy'
  | 'kept'
  | 'skipped'
  | 'removed'
  | 'degraded'
  | 'failed'
  | 'paused'
  | 'resumed'
  | 'reverting'
  | 'reverted';

export interface ProgressEvent {
  /** 1, 2, 3 … within the operation. */
  readonly seq: number;
  /** Workflow time, milliseconds since 1970. */
  readonly atMs: number;
  readonly kind: ProgressKind;
  readonly service?: string;
  /** What the line says, without the service's name. */
  readonly text: string;
  readonly ms?: number;
}

export interface Progress {
  readonly version: 1;
  readonly instance: string;
  readonly operation: number;
  readonly state: InstanceState;
  readonly paused: boolean;
  readonly services: readonly ServiceProgress[];
  /** Events with `seq` above the `since` of the query. */
  readonly events: readonly ProgressEvent[];
  readonly criticalPathMs: number;
  /** From the operation's begin until it is up; 0 while nobody knows: images are on their way. Absent: of an old worker. */
  readonly expectedMs?: number;
  readonly failure?: FailureDetails;
}

/** On the way back, and down. `returning`: it is started again; `restored`: it is again what it was before the operation. */
export type ReturnPhase = 'stopping' | 'removed' | 'returning' | 'restored';

export type ServicePhase =
  'waiting' | 'starting' | 'probing' | 'healthy' | 'done' | 'kept' | 'degraded' | 'failed' | 'skipped' | ReturnPhase;

export interface ServiceProgress {
  readonly service: string;
  readonly phase: ServicePhase;
  /** Services it still waits for. */
  readonly waitsFor: readonly string[];
  /** What its history says; absent without history. */
  readonly usualMs?: number;
  readonly sinceMs: number;
  /** Last probe answer or reason. */
  readonly evidence?: string;
  readonly ms?: number;
}

/** What an activity says of a service; its heartbeat details are an array of these. */
export interface WaitHeartbeat {
  readonly service: string;
  readonly phase: 'pulling' | 'building' | 'waiting' | 'starting' | 'probing' | 'healthy' | ReturnPhase;
  /** Of one that waits: for whom. */
  readonly waitsFor?: readonly string[];
  readonly answer?: string;
  readonly tries?: number;
  /** Since when it is in this phase, by the worker's clock, milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Of a healthy one: from its start to the good answer; of one that was removed: what that took; milliseconds. */
  readonly ms?: number;
}
