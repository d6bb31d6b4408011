// How every change reaches the engine: each call runs through the fence, and what it makes carries our labels.
import { LABELS } from '../../domain/names.ts';
import { EngineFailure } from './engine-failure.ts';

export interface Change {
  /** Runs one short call while the fence is held; rejects, having called nothing, when another operation took over. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
  /** `dive.store`, `dive.op`, `dive.fence`, …: put on everything that is created. */
  readonly labels: Readonly<Record<string, string>>;
  /** Take over what another store made. @default false */
  readonly adopt?: boolean;
  readonly signal?: AbortSignal | undefined;
}

type Labels = Readonly<Record<string, string>> | null | undefined;

/** @throws EngineFailure DIVE-1506 when a newer operation made it. */
export function refuseNewer(change: Change, name: string, labels: Labels): void {
  const theirs = Number(labels?.[LABELS.fence] ?? 0);
  const mine = Number(change.labels[LABELS.fence] ?? 0);
  if (theirs > mine) {
    throw new EngineFailure('DIVE-1506', `${name} belongs to operation ${theirs}, which is newer than ${mine}`);
  }
}

/** @throws EngineFailure DIVE-1008 when another store made it and `adopt` was not asked for. */
export function refuseForeign(change: Change, name: string, labels: Labels): void {
  const theirs = labels?.[LABELS.store];
  const mine = change.labels[LABELS.store];
  if (theirs !== undefined && mine !== undefined && theirs !== mine && change.adopt !== true) {
    throw new EngineFailure('DIVE-1008', `${name} belongs to another dive (store ${theirs})`);
  }
}
