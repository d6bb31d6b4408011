// How long a service usually takes and how long it may take.
import type { ServiceSpec } from '../schema/spec.ts';
import { publishes } from './addresses.ts';

/** Expected start-to-healthy time without any history, milliseconds, by a word in the image name. */
const USUAL_MS: readonly (readonly [string, number])[] = [
  ['keycloak', 20_000],
  ['postgres', 2_500],
  ['mongo', 3_000],
  ['mysql', 8_000],
  ['mariadb', 5_000],
  ['elasticsearch', 20_000],
  ['opal', 3_000],
];
const OTHER_MS = 1_000;
/** Without any check, this long without a restart is all the proof there is; `x-dive.settle` says otherwise. */
export const SETTLE_MS = 2_000;
/** The same of one that does nothing any more by then: its start is behind it. supervisord and PM2 ask this of all. */
export const IDLE_MS = 1_000;

/** Longest time allowed without history, milliseconds; Keycloak's P99 was 150 s where this table comes from. */
const ALLOWED_MS: readonly (readonly [string, number])[] = [
  ['keycloak', 240_000],
  ['elasticsearch', 240_000],
];
const ALLOWED_OTHER_MS = 120_000;
const LEARNED_FROM = 5;
const LEARNED_MIN_MS = 30_000;
const LEARNED_MAX_MS = 600_000;

function byImage(table: readonly (readonly [string, number])[], image: string, otherwise: number): number {
  return table.find(([word]) => image.includes(word))?.[1] ?? otherwise;
}

/** Middle of the service's history, else the table's, and what it takes to prove that it keeps running. */
export function expectedMs(service: Timed, history: readonly number[]): number {
  return middle(history) ?? Math.max(byImage(USUAL_MS, service.image, OTHER_MS), keepsRunningMs(service));
}

/** How long its container takes to end; 0 where none was seen to end: most do so at once. */
export function expectedStopMs(history: readonly number[]): number {
  return middle(history) ?? 0;
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

type Timed = Pick<ServiceSpec, 'image' | 'options' | 'healthCheck' | 'body'>;

/** How long it must keep running; 0 where it is asked instead. That an image brings a check is not known here. */
function keepsRunningMs({ options, healthCheck, body }: Timed): number {
  if (healthCheck !== undefined || options.probes !== undefined || publishes({ body })) return 0;
  return options.settleMs ?? IDLE_MS;
}

/**
 * Longest time to become healthy: the service's own option, else the command's, else learned (P99 × 1.5 of at least
 * five deployments, 30 s to 10 min), else the table; the latter two at least 30 s longer than it has to keep running.
 */
export function timeoutMs(
  image: string,
  history: readonly number[],
  own: number | undefined,
  asked: number | undefined,
  settleMs = 0,
): number {
  if (own !== undefined) return own;
  if (asked !== undefined) return asked;
  const table = byImage(ALLOWED_MS, image, ALLOWED_OTHER_MS);
  const least = settleMs + LEARNED_MIN_MS;
  if (history.length < LEARNED_FROM) return Math.max(least, table);
  const sorted = [...history].sort((a, b) => a - b);
  const p99 = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99) - 1)] ?? table;
  return Math.max(least, Math.min(LEARNED_MAX_MS, Math.round(p99 * 1.5)));
}
