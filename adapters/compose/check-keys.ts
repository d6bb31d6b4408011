// Walks the model along the key table and collects what is refused and what is known to have no effect.
import type { Finding } from '../../schema/finding.ts';
import { isJsonList, isJsonMap, type Json } from '../../schema/ordered-json.ts';
import { SERVICE_KEYS, TOP_KEYS, type KeyRule, type KeyTable } from './key-table.ts';
import type { ProjectModel } from './model.ts';

/** What every engine has that dive still works with. */
const OLDEST_API = '1.41';

export interface KeyFindings {
  readonly refused: Finding[];
  readonly warned: Finding[];
}

/** `apiVersion` of the engine, such as `1.41`; newer keys are refused when it is older or unknown. */
export function checkKeys(model: ProjectModel, apiVersion: string = OLDEST_API): KeyFindings {
  const found: KeyFindings = { refused: [], warned: [] };
  const services: KeyRule = { class: 'named', rule: { class: 'object', keys: SERVICE_KEYS } };
  walk(model.services, services, 'services', apiVersion, found);
  for (const [key, rule] of Object.entries(TOP_KEYS)) {
    const section = key === 'networks' ? model.networks : key === 'volumes' ? model.volumes : undefined;
    walk(section ?? (key === 'secrets' ? model.secrets : model.configs), rule, key, apiVersion, found);
  }
  return found;
}

/** Whether `version` is at least `wanted`; both such as `1.41`. */
export function apiAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function walk(value: Json, rule: KeyRule | undefined, path: string, api: string, found: KeyFindings): void {
  if (rule === undefined) {
    found.refused.push(refusal(path, 'dive does not know this key'));
    return;
  }
  switch (rule.class) {
    case 'translated':
      return;
    case 'warned':
      if (!isSilent(value)) found.warned.push(idle(path, rule.why));
      return;
    case 'refused':
      if (!isSilent(value)) found.refused.push(refusal(path, rule.why));
      return;
    case 'since':
      if (apiAtLeast(api, rule.api)) return;
      if (rule.older === 'warned')
        found.warned.push(idle(path, `Docker Engine before ${rule.engine} does not know it`));
      else found.refused.push(refusal(path, `it needs Docker Engine ${rule.engine} or newer`));
      return;
    case 'object':
      walkObject(value, rule.keys, path, api, found);
      return;
    case 'named':
      if (isJsonMap(value)) for (const [name, item] of value) walk(item, rule.rule, `${path}.${name}`, api, found);
      return;
    case 'list':
      if (isJsonList(value)) value.forEach((item, index) => walk(item, rule.rule, `${path}[${index}]`, api, found));
  }
}

function walkObject(value: Json, keys: KeyTable, path: string, api: string, found: KeyFindings): void {
  if (!isJsonMap(value)) return;
  for (const [key, item] of value) {
    // Extensions are the user's own; Compose drops those of services itself.
    if (!key.startsWith('x-'))
      walk(item, Object.hasOwn(keys, key) ? keys[key] : undefined, `${path}.${key}`, api, found);
  }
}

/** Compose prints some keys that the file never had: empty, false or null. */
function isSilent(value: Json): boolean {
  if (value === null || value === false || value === '') return true;
  return (isJsonMap(value) && value.size === 0) || (isJsonList(value) && value.length === 0);
}

function idle(path: string, why: string): Finding {
  return { code: 'DIVE-1106', path, message: `${path} has no effect: ${why}` };
}

function refusal(path: string, why: string): Finding {
  return { code: 'DIVE-1106', path, message: `${path} is not supported: ${why}` };
}
