// `post_start` and `pre_stop` of a service, as they will be run.
import { isJsonMap, type JsonMap } from '../../schema/ordered-json.ts';
import type { Hook } from '../../schema/spec.ts';
import { optional } from './process-fields.ts';
import { asText, flagAt, mapAt, mapsAt, textAt, textsAt } from './read.ts';

/** Nothing when the service has none under `key`. */
export function hooksOf<Name extends 'postStart' | 'preStop'>(
  service: JsonMap,
  key: 'post_start' | 'pre_stop',
  name: Name,
): Partial<Record<Name, Hook[]>> {
  const hooks = mapsAt(service, key).map((hook): Hook => ({
    command: textsAt(hook, 'command') ?? [],
    ...optional('user', textAt(hook, 'user')),
    privileged: flagAt(hook, 'privileged'),
    ...optional('workingDir', textAt(hook, 'working_dir')),
    environment: environmentOf(hook),
  }));
  const found: Partial<Record<Name, Hook[]>> = {};
  if (hooks.length > 0) found[name] = hooks;
  return found;
}

function environmentOf(hook: JsonMap): string[] {
  const written = hook.get('environment');
  if (!isJsonMap(written)) return textsAt(hook, 'environment') ?? [];
  return [...mapAt(hook, 'environment')].map(([name, value]) => (value === null ? name : `${name}=${asText(value)}`));
}
