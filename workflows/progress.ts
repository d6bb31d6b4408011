import { setHandler, upsertSearchAttributes, setCurrentDetails } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { PlannedDeployment, Returned } from '../domain/deployment.ts';
import type { FailureDetails } from '../domain/failures.ts';
import type { Progress, ProgressEvent, ProgressKind, ServicePhase, ServiceProgress } from '../domain/messages.ts';
import type { InstanceState } from '../domain/states.ts';
import { progressQuery } from './messages.ts';

const KEYS = {
  instance: defineSearchAttributeKey('DiveInstance', 'KEYWORD'),
  role: defineSearchAttributeKey('DiveRole', 'KEYWORD'),
  state: defineSearchAttributeKey('DiveState', 'KEYWORD'),
  operation: defineSearchAttributeKey('DiveOperation', 'INT'),
  error: defineSearchAttributeKey('DiveErrorCode', 'KEYWORD'),
} as const;

/**
 * More than happens between two looks of someone who follows: two groups of a crowd, and what comes around them. Some
 * 100 bytes each.
 */
const LAST_EVENTS = 80;

/** What the operation did so far, for the `progress` query, the search attributes and the Temporal UI. */
export class ProgressLog {
  #events: ProgressEvent[] = [];
  #services = new Map<string, ServiceProgress>();
  #state: InstanceState = 'UNKNOWN';
  #operation = 0;
  #criticalPathMs = 0;
  #expectedMs = 0;
  #failure: FailureDetails | undefined;
  #detailsAreOld = false;
  readonly #instance: string;
  readonly #paused: () => boolean;

  constructor(instance: string, paused: () => boolean) {
    this.#instance = instance;
    this.#paused = paused;
    setHandler(progressQuery, (query) => this.#answer(query?.since ?? 0));
  }

  get state(): InstanceState {
    return this.#state;
  }

  opened(role: string, operation: number, state: InstanceState): void {
    this.#operation = operation;
    this.#state = state;
    upsertSearchAttributes([
      { key: KEYS.instance, value: this.#instance },
      { key: KEYS.role, value: role },
      { key: KEYS.operation, value: operation },
      { key: KEYS.state, value: state },
    ]);
    this.event('opened', `operation ${operation}`);
  }

  /** `imagesMs`: how long it took to bring them; until that is known, nobody knows how long everything takes. */
  planned(plan: PlannedDeployment, imagesMs = plan.images.length > 0 ? undefined : 0): void {
    this.#criticalPathMs = plan.criticalPathMs;
    this.#expectedMs = imagesMs === undefined ? 0 : imagesMs + plan.criticalPathMs;
    for (const s of plan.services) {
      this.#services.set(s.name, {
        service: s.name,
        phase: 'waiting',
        waitsFor: s.dependsOn.map((d) => d.service),
        sinceMs: Date.now(),
        ...(s.usualMs === undefined ? {} : { usualMs: s.usualMs }),
      });
    }
    this.event('plan', plan.summary);
    for (const warning of plan.warnings) this.event('note', warning);
  }

  /** Moves the state, through several at once where nothing happens in between; the last is the one to search for. */
  moved(...states: readonly InstanceState[]): void {
    this.#state = states.at(-1) ?? this.#state;
    upsertSearchAttributes([{ key: KEYS.state, value: this.#state }]);
    for (const state of states) this.event('state', state);
  }

  service(
    name: string,
    phase: ServicePhase,
    change: { evidence?: string; ms?: number; waitsFor?: readonly string[] } = {},
  ): void {
    const known = this.#services.get(name) ?? { service: name, phase, waitsFor: [], sinceMs: Date.now() };
    this.#services.set(name, {
      ...known,
      ...change,
      phase,
      sinceMs: known.phase === phase ? known.sinceMs : Date.now(),
    });
  }

  /** It was taken back. What failed says so still. */
  returned({ service, phase, evidence = '' }: Returned): void {
    const known = this.#services.get(service)?.phase;
    if (known !== undefined && known !== 'failed' && known !== 'degraded') this.service(service, phase, { evidence });
  }

  failed(failure: FailureDetails): void {
    this.#failure = failure;
    if (failure.service !== undefined && this.#services.has(failure.service))
      this.service(failure.service, 'failed', { evidence: failure.what });
    upsertSearchAttributes([{ key: KEYS.error, value: failure.code }]);
    this.event('failed', failure.what, failure.service === undefined ? {} : { service: failure.service });
  }

  /** `about.atMs`: when it happened, where that was before now. */
  event(kind: ProgressKind, text: string, about: Partial<Pick<ProgressEvent, 'service' | 'ms' | 'atMs'>> = {}): void {
    this.#events.push({ seq: this.#events.length + 1, atMs: Date.now(), kind, text, ...about });
    this.#showDetails();
  }

  /** Once for all that happens at one moment: of a crowd every event would write every row. */
  #showDetails(): void {
    if (this.#detailsAreOld) return;
    this.#detailsAreOld = true;
    void Promise.resolve().then(() => {
      this.#detailsAreOld = false;
      setCurrentDetails(this.#markdown());
    });
  }

  /** The latest, oldest first; few enough for any payload. */
  lastEvents(): readonly ProgressEvent[] {
    return this.#events.slice(-LAST_EVENTS);
  }

  #markdown(): string {
    const rows = [...this.#services.values()].map((s) => `| ${s.service} | ${s.phase} | ${s.evidence ?? ''} |`);
    return [`**${this.#instance}** ${this.#state}`, '', '| service | phase | |', '|---|---|---|', ...rows].join('\n');
  }

  #answer(since: number): Progress {
    return {
      version: 1,
      instance: this.#instance,
      operation: this.#operation,
      state: this.#state,
      paused: this.#paused(),
      services: [...this.#services.values()],
      events: this.#events.filter((e) => e.seq > since),
      criticalPathMs: this.#criticalPathMs,
      expectedMs: this.#expectedMs,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    };
  }
}
