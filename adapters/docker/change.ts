// How every change reaches the engine: each call runs through the fence, and what it makes carries our labels.
import { LABELS } from '../../domain/names.ts';
import { EngineFailure } from './engine-failure.ts';

/** Whose objects may be taken over: everybody's, nobody's, or those of these stores. */
export type Adopt = boolean | readonly string[];

export interface Change {
  /** Runs one short call while the fence is held; rejects, having called nothing, when another operation took over. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
  /** `dive.store`, `dive.op`, `dive.fence`, …: put on everything that is created. */
  readonly labels: Readonly<Record<string, string>>;
  /** Take over what another store made. @default false */
  readonly adopt?: Adopt;
  readonly signal?: AbortSignal | undefined;
}

type Labels = Readonly<Record<string, string>> | null | undefined;

/** @throws EngineFailure DIVE-1506 when a newer operation made it; each store counts its operations for itself. */
export function refuseNewer(change: Change, name: string, labels: Labels): void {
  if (isForeign(change, labels)) return;
  const theirs = Number(labels?.[LABELS.fence] ?? 0);
  const mine = Number(change.labels[LABELS.fence] ?? 0);
  if (theirs > mine) {
    throw new EngineFailure('DIVE-1506', `${name} belongs to operation ${theirs}, which is newer than ${mine}`);
  }
}

/** @throws EngineFailure DIVE-1008 when another store made it and `adopt` was not asked for. */
export function refuseForeign(change: Change, name: string, labels: Labels): void {
  if (!isForeign(change, labels) || isTakenOver(change.adopt, labels)) return;
  throw new EngineFailure('DIVE-1008', `${name} belongs to another dive (store ${labels?.[LABELS.store] ?? ''})`);
}

function isForeign(change: Change, labels: Labels): boolean {
  const theirs = labels?.[LABELS.store];
  const mine = change.labels[LABELS.store];
  return theirs !== undefined && mine !== undefined && theirs !== mine;
}

/** May what carries these labels of another store be taken over? */
export function isTakenOver(adopt: Adopt | undefined, labels: Labels): boolean {
  return typeof adopt === 'object' ? adopt.includes(labels?.[LABELS.store] ?? '') : adopt === true;
}
