// Where a path such as `services.web.ports[0]` stands: the file and the line, by a YAML parser that keeps positions.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

/** `$NAME`, `${NAME}` and `${NAME:-other}`. */
const VARIABLE = /\$\{?([A-Za-z_]\w*)(?::?-([^}]*))?\}?/g;

export interface YamlFile {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

export interface Position {
  readonly file: string;
  readonly line: number;
}

/** The files that can be read, and those that they include; others are left out. `variable` is for paths. */
export async function readYamlFiles(
  files: readonly string[],
  variable: (name: string) => string | undefined = () => undefined,
): Promise<YamlFile[]> {
  const found: YamlFile[] = [];
  const queue = [...files];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (found.some((known) => known.file === file)) continue;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent', merge: true });
    found.push({ file, document, lines });
    queue.push(...includedFiles(document, path.dirname(file), variable));
  }
  return found;
}

/** The deepest place on the way to `wanted`; of several files the one that knows more of it, then the later one. */
export function locate(files: readonly YamlFile[], wanted: string): Position | undefined {
  let best: (Position & { depth: number }) | undefined;
  for (const { file, document, lines } of files) {
    const { depth, offset } = descend(document, wanted);
    if (depth > 0 && (best === undefined || depth >= best.depth))
      best = { file, line: lines.linePos(offset).line, depth };
  }
  return best && { file: best.file, line: best.line };
}

/** The first syntax error that the parser itself sees. */
export function firstSyntaxError(files: readonly YamlFile[]): (Position & { message: string }) | undefined {
  for (const { file, document, lines } of files) {
    const [error] = document.errors;
    if (error !== undefined) return { file, line: lines.linePos(error.pos[0]).line, message: error.message };
  }
  return undefined;
}

function descend(document: Document, wanted: string): { depth: number; offset: number } {
  let node: unknown = document.contents;
  let rest = wanted.replace(/\[(\d+)\]/g, '.$1');
  let depth = 0;
  let offset = 0;
  while (rest !== '') {
    if (isAlias(node)) node = node.resolve(document);
    const step: Step | undefined = isMap(node) ? mapStep(node, rest) : isSeq(node) ? listStep(node, rest) : undefined;
    if (step === undefined) break;
    ({ node, rest } = step);
    offset = step.offset;
    depth += 1;
  }
  return { depth, offset };
}

interface Step {
  readonly node: unknown;
  readonly rest: string;
  readonly offset: number;
}

/** Names may hold dots, so the longest key that fits is taken. */
function mapStep(node: { items: { key: unknown; value: unknown }[] }, rest: string): Step | undefined {
  const fitting = node.items
    .map((item) => ({ item, name: isScalar(item.key) ? String(item.key.value) : '' }))
    .filter(({ name }) => name !== '' && (rest === name || rest.startsWith(`${name}.`)))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (fitting === undefined) return undefined;
  const { item, name } = fitting;
  const start = isScalar(item.key) ? (item.key.range?.[0] ?? 0) : 0;
  return { node: item.value, rest: rest.slice(name.length + 1), offset: start };
}

function listStep(node: { items: unknown[] }, rest: string): Step | undefined {
  const [first = '', ...others] = rest.split('.');
  const item = /^\d+$/.test(first) ? node.items[Number(first)] : undefined;
  if (item === undefined) return undefined;
  return { node: item, rest: others.join('.'), offset: rangeStart(item) };
}

function rangeStart(item: unknown): number {
  return isNode(item) ? (item.range?.[0] ?? 0) : 0;
}

function includedFiles(document: Document, folder: string, variable: (name: string) => string | undefined): string[] {
  const include: unknown = isMap(document.contents) ? document.toJS()?.include : undefined;
  if (!Array.isArray(include)) return [];
  return include
    .flatMap((entry: unknown) => (typeof entry === 'object' && entry !== null && 'path' in entry ? entry.path : entry))
    .filter((entry): entry is string => typeof entry === 'string' && !entry.includes('://'))
    .map((entry) => entry.replace(VARIABLE, (_, name, other = '') => variable(String(name)) ?? String(other)))
    .map((entry) => path.resolve(folder, entry));
}
