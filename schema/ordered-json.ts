// JSON that keeps what JSON.parse loses: the order of integer-like keys, the text of numbers, and keys such as
// `__proto__`. Compose's hashes are over its own JSON text, so ours must print the very same one.

/** A number as it was written; Go prints floats differently from JavaScript. */
export interface JsonNumber {
  readonly number: string;
}
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonMap;
export type JsonMap = ReadonlyMap<string, Json>;

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null))/y;

interface Reader {
  readonly text: string;
  at: number;
}

/** Reads one JSON document. @throws SyntaxError with the offset when it is none. */
export function parseOrdered(text: string): Json {
  const reader: Reader = { text, at: 0 };
  const value = readValue(reader, nextToken(reader));
  if (text.slice(reader.at).trim() !== '') throw new SyntaxError(`text after the JSON document at ${reader.at}`);
  return value;
}

/** Compact JSON as Go's encoding/json prints it: keys in the order given, `<`, `>`, `&` and line separators escaped. */
export function printOrdered(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return goString(value);
  if (isJsonMap(value))
    return `{${[...value].map(([key, item]) => `${goString(key)}:${printOrdered(item)}`).join(',')}}`;
  if (isJsonList(value)) return `[${value.map(printOrdered).join(',')}]`;
  return value.number;
}

/** The same as ordinary JSON values; every key becomes an own property, `__proto__` too. */
export function toPlain(value: Json): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (isJsonMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  return isJsonList(value) ? value.map(toPlain) : Number(value.number);
}

export function isJsonMap(value: Json | undefined): value is JsonMap {
  return value instanceof Map;
}

export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function goString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function nextToken(reader: Reader): string {
  TOKEN.lastIndex = reader.at;
  const match = TOKEN.exec(reader.text);
  if (match === null) throw new SyntaxError(`no JSON at ${reader.at}`);
  reader.at = TOKEN.lastIndex;
  return match[0].trimStart();
}

function readValue(reader: Reader, token: string): Json {
  if (token === '{') return readMap(reader);
  if (token === '[') return readList(reader);
  if (token.startsWith('"')) return readString(token);
  if (token === 'null') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  if (/^-?\d/.test(token)) return { number: token };
  throw new SyntaxError(`unexpected ${token} before ${reader.at}`);
}

function readMap(reader: Reader): JsonMap {
  const map = new Map<string, Json>();
  for (let token = nextToken(reader); token !== '}'; token = nextToken(reader)) {
    if (token === ',') continue;
    const key = readString(token);
    if (nextToken(reader) !== ':') throw new SyntaxError(`no colon before ${reader.at}`);
    map.set(key, readValue(reader, nextToken(reader)));
  }
  return map;
}

function readList(reader: Reader): Json[] {
  const list: Json[] = [];
  for (let token = nextToken(reader); token !== ']'; token = nextToken(reader)) {
    if (token !== ',') list.push(readValue(reader, token));
  }
  return list;
}

function readString(token: string): string {
  const text: unknown = JSON.parse(token);
  if (typeof text !== 'string') throw new SyntaxError(`${token} is no string`);
  return text;
}
