// Reading the model that `docker compose config` prints: values of unknown shape, asked for by kind.
import { isJsonList, isJsonMap, type Json, type JsonMap } from '../../schema/ordered-json.ts';

const EMPTY: JsonMap = new Map();

export function textAt(map: JsonMap, key: string): string | undefined {
  const value = map.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** A number, also one that Compose prints as a string (byte sizes, published ports). */
export function numberAt(map: JsonMap, key: string): number | undefined {
  const value = map.get(key);
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return isNumber(value) ? Number(value.number) : undefined;
}

export function flagAt(map: JsonMap, key: string): boolean {
  return map.get(key) === true;
}

/** The object at `key`; an empty one when it is absent or null. */
export function mapAt(map: JsonMap, key: string): JsonMap {
  return asMap(map.get(key));
}

export function listAt(map: JsonMap, key: string): readonly Json[] {
  const value = map.get(key);
  return isJsonList(value) ? value : [];
}

export function mapsAt(map: JsonMap, key: string): readonly JsonMap[] {
  return listAt(map, key).filter(isJsonMap);
}

/** Strings at `key`; undefined when the key is absent or null, so that `[]` stays different from silence. */
export function textsAt(map: JsonMap, key: string): string[] | undefined {
  const value = map.get(key);
  return isJsonList(value) ? value.map(asText) : undefined;
}

/** The object at `key` as `[name, text]` pairs in their order. */
export function pairsAt(map: JsonMap, key: string): [string, string][] {
  return [...mapAt(map, key)].map(([name, value]) => [name, asText(value)]);
}

export function asMap(value: Json | undefined): JsonMap {
  return isJsonMap(value) ? value : EMPTY;
}

export function asText(value: Json): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value === 'boolean') return String(value ?? '');
  return isNumber(value) ? value.number : '';
}

function isNumber(value: Json | undefined): value is { readonly number: string } {
  return typeof value === 'object' && value !== null && !isJsonList(value) && !isJsonMap(value);
}
