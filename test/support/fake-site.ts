// A site and a store that only keep a record: what the workflows decide, without an engine.
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Death } from '../../activities/next-death.ts';
import type { SiteActivities } from '../../activities/site.ts';
import type { StoreActivities } from '../../activities/store.ts';
import type { PlannedService, ServiceVerdict } from '../../domain/deployment.ts';
import type { FailureDetails } from '../../domain/failures.ts';
import { type InstanceState, STATES } from '../../domain/states.ts';
import { DeployInput } from '../../schema/inputs.ts';
import type { Condition } from '../../schema/service-options.ts';

export interface FakeService {
  readonly after?: Readonly<Record<string, Condition>>;
  readonly class?: 'core' | 'optional';
}

/** Resolves when the service is to be healthy, rejects with what it fails of. */
export type Health = (service: string) => Promise<void>;

/** Resolves with the service whose container dies, once it does. */
export type Deaths = () => Promise<string>;

export interface Circumstances {
  /** An image has to be pulled first, until this is resolved. */
  readonly images?: () => Promise<unknown>;
  /** @default all well */
  readonly health?: Health;
  readonly deaths?: Deaths;
  /** The worker has found that one healthy before. @default false */
  readonly diesProven?: boolean;
  /** Before the project is prepared, and moved on. */
  readonly beforePrepared?: () => Promise<void>;
  /** What a group of starts waits for. */
  readonly groupStart?: () => Promise<void>;
  /** A group of starts goes on when it is cancelled: its worker has not heard of it. @default false */
  readonly groupIsDeaf?: boolean;
  /** So many of a group are started when it is cancelled. @default 0 */
  readonly begunWhenCancelled?: number;
  /** Who does not do its work in verification. */
  readonly sick?: readonly string[];
}

const CALLS = { read: 0, exec: 0, mutate: 0 };

export function planned(services: Readonly<Record<string, FakeService>>): PlannedService[] {
  return Object.entries(services).map(([name, s]) => ({
    name,
    containers: [{ name: `${name}-1`, number: 1, op: 'create' }],
    dependsOn: Object.entries(s.after ?? {}).map(([service, condition]) => ({ service, condition, required: true })),
    class: s.class ?? 'core',
    completes: 'no',
    expectedMs: 100,
    timeoutMs: 10_000,
    rankMs: 100,
  }));
}

export function failure(details: FailureDetails): ApplicationFailure {
  return ApplicationFailure.create({
    type: details.code,
    message: details.what,
    nonRetryable: true,
    details: [details],
  });
}

async function beating<T>(work: Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 200);
  try {
    return await Promise.race([work, context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}

/** As the store does: what has been passed is passed over. */
function move(record: string[], to: readonly InstanceState[]): void {
  const now = record.findLast((line) => STATES.some((state) => state === line));
  record.push(...to.slice(to.findLastIndex((state) => state === now) + 1));
}

/** `record` gets a line for each call that matters. */
export function fakeStore(site: string, record: string[]): StoreActivities {
  return {
    openOperation: async ({ input }) => {
      const { instance, options = {} } = DeployInput.parse(input);
      const opened = { instance, fence: 1, site, state: 'UNKNOWN' as const, project: 'p', spec: null };
      return { ...opened, options, hadRelease: false, volumes: false };
    },
    moveState: async ({ to }) => move(record, to),
    closeOperation: async ({ outcome }) => void record.push(`closed ${outcome}`),
  };
}

export function fakeSite(services: readonly PlannedService[], record: string[], given: Circumstances): SiteActivities {
  const nothing = (): Promise<void> => Promise.resolve();
  const never = (): Promise<never> => new Promise<never>(() => undefined);
  const { health = nothing, deaths = never, beforePrepared = nothing, groupStart = nothing, sick = [], images } = given;
  const death = (id: string): Death => ({
    containerId: id,
    exitCode: 3,
    atMs: Date.now(),
    lines: [],
    ...(given.diesProven && { service: id, proven: true }),
  });
  const verdict = (service: string): ServiceVerdict => ({ service, ok: true, level: 2, evidence: 'ok', durationMs: 1 });
  const completed = { release: 1, engineCalls: CALLS, addresses: [] };
  return {
    planDeployment: async () => ({
      spec: 'd',
      services,
      surplus: [],
      images: images && !record.includes('images') ? [{ image: 'app:1', how: 'pull', services: ['db'] }] : [],
      objects: 0,
      changes: services.length,
      summary: '',
      warnings: [],
      criticalPath: [],
      criticalPathMs: 5_000,
    }),
    bringImage: async () => {
      await beating(images?.() ?? nothing());
      record.push('images');
    },
    prepareProject: async ({ through = [] }) => {
      await beforePrepared();
      move(record, through);
    },
    createAhead: async () => undefined,
    ensureStarted: async ({ service }) => {
      record.push(`start ${service.name}`);
      return { containers: [{ name: `${service.name}-1`, id: service.name, startedAtMs: 0 }] };
    },
    awaitHealthy: async ({ service }) => {
      await beating(health(service.name));
      record.push(`healthy ${service.name}`);
      return verdict(service.name);
    },
    ensureAllStarted: async (request) => {
      record.push(`start ${request.services.map((s) => s.name).join(' ')}`);
      const begun = await (given.groupIsDeaf ? groupStart() : beating(groupStart())).then(
        () => Infinity,
        () => given.begunWhenCancelled ?? 0,
      );
      return request.services.map(({ name }, i) =>
        i < begun ? { containers: [{ name: `${name}-1`, id: name, startedAtMs: 0 }] } : null,
      );
    },
    awaitAllHealthy: async (request) => {
      await Promise.all(request.waits.map((w) => beating(health(w.service.name))));
      record.push(`healthy ${request.waits.map((w) => w.service.name).join(' ')}`);
      return request.waits.map((w) => verdict(w.service.name));
    },
    inspectProject: () => Promise.reject(new Error('nobody asks')),
    nextDeath: () => beating(deaths().then(death)),
    verifyServices: async ({ services: all, through = [] }) => {
      move(record, through);
      return all.map((s) => ({ ...verdict(s.name), ok: !sick.includes(s.name), evidence: `of ${s.name}` }));
    },
    completeDeployment: async () => completed,
    completeUnchanged: async () => completed,
    revertDeployment: async () => {
      record.push('revert');
      const back = services.map((s) => ({ service: s.name, phase: 'removed' as const }));
      return { exact: true, differences: [], done: [], services: back, volumes: [], engineCalls: CALLS };
    },
    teardownProject: async () => ({ done: [], volumes: [], engineCalls: CALLS }),
  };
}
