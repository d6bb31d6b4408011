import type { OpenedOperation } from '../domain/deployment.ts';
import type { PauseGate } from './pause-gate.ts';
import type { ProgressLog } from './progress.ts';
import type { SiteProxies } from './proxies.ts';

/** One deployment under way: what its parts hand to each other. */
export interface Run {
  readonly opened: OpenedOperation;
  readonly proxies: SiteProxies;
  readonly gate: PauseGate;
  readonly progress: ProgressLog;
  readonly startedMs: number;
}
