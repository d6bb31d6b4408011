// What `docker compose config` says on stderr → findings. It reports one error at a time, in several shapes.
import type { Finding } from '../../schema/finding.ts';
import type { FailureCode } from '../../domain/failures.ts';

const LOG_LINE = /^time="[^"]*" level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S+)/;

interface Pattern {
  readonly pattern: RegExp;
  readonly code: FailureCode;
  /** Path, file and line from the groups of the pattern, by their names. */
  readonly path?: (groups: Record<string, string | undefined>) => string;
}

const PATTERNS: readonly Pattern[] = [
  { pattern: /error while interpolating (?<path>\S+): required variable \S+ is missing a value/, code: 'DIVE-1103' },
  { pattern: /required variable \S+ is missing a value/, code: 'DIVE-1103' },
  { pattern: /invalid interpolation format for (?<path>\S+?)\.\s/, code: 'DIVE-1105' },
  { pattern: /failed to parse (?<file>.+?): (?:yaml: )?line (?<line>\d+):/, code: 'DIVE-1101' },
  { pattern: /^yaml: line (?<line>\d+):/m, code: 'DIVE-1101' },
  { pattern: /failed to parse (?<file>.+?): /, code: 'DIVE-1101' },
  { pattern: /^yaml: /m, code: 'DIVE-1101' },
  { pattern: /env file (?<file>.+?) not found/, code: 'DIVE-1107' },
  { pattern: /(?:couldn't find env file|failed to read .+?): (?<file>.+)/, code: 'DIVE-1107' },
  { pattern: /(?:open|stat) (?<file>.+?): no such file or directory/, code: 'DIVE-1107' },
  { pattern: /no configuration file provided/, code: 'DIVE-1102' },
  {
    pattern: /service "(?<service>.+?)" depends on undefined service/,
    code: 'DIVE-1109',
    path: ({ service = '' }) => `services.${service}.depends_on`,
  },
  {
    pattern: /validating (?<file>.+?): (?<path>\S+) additional properties '(?<key>[^']+)'/,
    code: 'DIVE-1105',
    path: ({ path = '', key = '' }) => `${path}.${key}`,
  },
  {
    pattern: /validating (?<file>.+?): (?<path>(?:services|networks|volumes|secrets|configs|include)\S*)/,
    code: 'DIVE-1105',
  },
  {
    pattern: /validating (?<file>.+?): additional properties '(?<key>[^']+)'/,
    code: 'DIVE-1105',
    path: ({ key = '' }) => key,
  },
  { pattern: /service "?(?<service>[\w.-]+)"? (?:refers|has|declares)/, code: 'DIVE-1105', path: servicePath },
  { pattern: /cannot extend service "(?<service>.+?)"/, code: 'DIVE-1105', path: servicePath },
  { pattern: /'(?<path>(?:services|networks|volumes|secrets|configs)[^']*)'/, code: 'DIVE-1105' },
  { pattern: /^(?<path>(?:services|networks|volumes|secrets|configs)\.[^\s:]+):/m, code: 'DIVE-1105' },
];

export interface CommandWords {
  /** Texts of warnings, each once. */
  readonly warnings: readonly string[];
  /** Everything that is no log line: the error. */
  readonly error: string;
}

export function readStderr(stderr: string): CommandWords {
  const warnings = new Set<string>();
  const rest: string[] = [];
  for (const line of stderr.split('\n')) {
    const match = LOG_LINE.exec(line);
    if (match === null) rest.push(line);
    else if (match[1] === 'warning') warnings.add(unquote(match[2] ?? ''));
    else if (match[1] === 'error' || match[1] === 'fatal') rest.push(unquote(match[2] ?? ''));
  }
  return { warnings: [...warnings], error: rest.join('\n').trim() };
}

/** Whether the message is about a cycle, of which Compose names only one. */
export function isCycle(error: string): boolean {
  return error.includes('dependency cycle detected');
}

export function errorFinding(error: string, files: readonly string[]): Finding {
  const message =
    error.replaceAll(/: invalid compose project$/g, '').replaceAll(/\s*\n\s*/g, ' ') || 'the files cannot be read';
  for (const { pattern, code, path } of PATTERNS) {
    const groups = pattern.exec(error)?.groups ?? (pattern.test(error) ? {} : undefined);
    if (groups === undefined) continue;
    const file = groups['file'] ?? undefined;
    const place = path?.(groups) ?? groups['path'];
    const line = Number(groups['line'] ?? 0);
    return {
      code: code === 'DIVE-1107' && file !== undefined && files.includes(file) ? 'DIVE-1102' : code,
      ...(file === undefined || !file.startsWith('/') ? {} : { file }),
      ...(line > 0 ? { line } : {}),
      ...(place === undefined ? {} : { path: plainPath(place) }),
      message,
    };
  }
  return { code: 'DIVE-1105', message };
}

/** A warning of the command; of an unset variable it says what comes of it. */
export function warningFinding(warning: string): Finding {
  const variable = /^The "(.+?)" variable is not set/.exec(warning)?.[1];
  return variable === undefined
    ? { code: 'DIVE-1105', message: warning }
    : { code: 'DIVE-1103', message: `${variable} is not set and becomes an empty text` };
}

/** `services[a].x` → `services.a.x`; list positions stay. */
function plainPath(path: string): string {
  return path.replace(/\[(?!\d+\])([^\]]+)\]/g, '.$1').replace(/[:.]+$/, '');
}

function servicePath({ service = '' }: Record<string, string | undefined>): string {
  return `services.${service}`;
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    // Go quotes some characters that JSON does not know.
    return text.slice(1, -1);
  }
}
