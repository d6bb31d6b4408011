// What runs in the container: command, environment, user, terminal, signals, health check.
import { isJsonList, type Json, type JsonMap } from '../../schema/ordered-json.ts';
import { durationNs } from './duration.ts';
import { asText, flagAt, mapAt, numberAt, textAt, textsAt } from './read.ts';

/**
 * Fields of the create body at its top level. `null` leaves the image's own value, `[]` empties it.
 * `proxies` are variables that the service's own win over.
 */
export function processFields(service: JsonMap, proxies: ReadonlyMap<string, string>): Record<string, unknown> {
  return {
    Cmd: textsAt(service, 'command') ?? null,
    Entrypoint: textsAt(service, 'entrypoint') ?? null,
    Env: environmentOf(service, proxies),
    User: textAt(service, 'user') ?? '',
    WorkingDir: textAt(service, 'working_dir') ?? '',
    Hostname: textAt(service, 'hostname') ?? '',
    Domainname: textAt(service, 'domainname') ?? '',
    Tty: flagAt(service, 'tty'),
    OpenStdin: flagAt(service, 'stdin_open'),
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    StdinOnce: false,
    ...optional('MacAddress', textAt(service, 'mac_address')),
    ...optional('StopSignal', textAt(service, 'stop_signal')),
    ...optional('StopTimeout', stopTimeoutS(service)),
    ...optional('Healthcheck', healthcheckOf(service)),
  };
}

/** Whole seconds, truncated as Compose does; undefined when the file is silent. */
export function stopTimeoutS(service: JsonMap): number | undefined {
  const text = textAt(service, 'stop_grace_period');
  const ns = text === undefined ? undefined : durationNs(text);
  return ns === undefined ? undefined : Math.trunc(ns / 1e9);
}

/** A key with a value only when there is one. */
export function optional(key: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [key]: value };
}

function environmentOf(service: JsonMap, proxies: ReadonlyMap<string, string>): string[] {
  const variables = new Map<string, Json>([...proxies, ...mapAt(service, 'environment')]);
  // A key without value makes the engine remove the image's variable.
  return [...variables].map(([name, value]) => (value === null ? name : `${name}=${asText(value)}`));
}

function healthcheckOf(service: JsonMap): Record<string, unknown> | undefined {
  if (service.get('healthcheck') === undefined) return undefined;
  const check = mapAt(service, 'healthcheck');
  const test = check.get('test');
  return {
    ...(flagAt(check, 'disable') ? { Test: ['NONE'] } : isJsonList(test) ? { Test: test.map(asText) } : {}),
    ...duration('Interval', check, 'interval'),
    ...duration('Timeout', check, 'timeout'),
    ...duration('StartPeriod', check, 'start_period'),
    ...duration('StartInterval', check, 'start_interval'),
    ...optional('Retries', numberAt(check, 'retries')),
  };
}

function duration(field: string, check: JsonMap, key: string): Record<string, unknown> {
  const text = textAt(check, key);
  return text === undefined ? {} : optional(field, durationNs(text));
}
