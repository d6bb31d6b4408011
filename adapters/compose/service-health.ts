// The health check as our own probes run it, with Docker's defaults filled in.
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { HealthCheck } from '../../schema/spec.ts';
import { durationNs } from './duration.ts';
import { flagAt, mapAt, numberAt, textAt, textsAt } from './read.ts';

const DOCKER_DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3 };

/** The file says that there is no check, so the image's own does not count either. */
export function healthDisabled(service: JsonMap): boolean {
  const check = mapAt(service, 'healthcheck');
  return flagAt(check, 'disable') || textsAt(check, 'test')?.[0] === 'NONE';
}

/** Undefined when the file defines no test of its own; the image's may still exist. */
export function healthCheckOf(service: JsonMap): HealthCheck | undefined {
  const check = mapAt(service, 'healthcheck');
  const test = textsAt(check, 'test');
  if (test === undefined || test.length < 2 || healthDisabled(service)) return undefined;
  return {
    test,
    intervalMs: millisecondsAt(check, 'interval') || DOCKER_DEFAULTS.intervalMs,
    timeoutMs: millisecondsAt(check, 'timeout') || DOCKER_DEFAULTS.timeoutMs,
    startPeriodMs: millisecondsAt(check, 'start_period'),
    retries: numberAt(check, 'retries') || DOCKER_DEFAULTS.retries,
  };
}

/** At least one millisecond when anything is given: the engine takes 1 ms as its minimum. 0 when absent. */
function millisecondsAt(check: JsonMap, key: string): number {
  const text = textAt(check, key);
  const ns = text === undefined ? 0 : (durationNs(text) ?? 0);
  return ns === 0 ? 0 : Math.max(1, Math.round(ns / 1e6));
}
