// What changed between two forms of one service, in the words of its file. Names only: values may be secret, so only
// images and published ports, which everybody can see on the engine anyway, are shown.

/** A service as `docker compose config` prints it, parsed. */
export type ServiceKeys = Readonly<Record<string, unknown>>;

/** More names than this make a line that nobody reads. */
const NAMES_SHOWN = 3;
/** Keys whose entries have names of their own. */
const NAMED = ['environment', 'labels', 'networks', 'sysctls', 'ulimits', 'annotations', 'driver_opts'];
/** Lists whose entries are told apart by one of their fields. */
const BY_FIELD: Readonly<Record<string, string>> = { volumes: 'target', secrets: 'source', configs: 'source' };

/** `image app:1.4 → 1.5 · environment LOG_LEVEL added`; undefined when no difference can be named. */
export function describeChange(before: ServiceKeys, now: ServiceKeys): string | undefined {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const parts = keys.flatMap((key) => {
    const [was, is] = [before[key], now[key]];
    return same(was, is) ? [] : [describeKey(key, was, is)];
  });
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function describeKey(key: string, was: unknown, is: unknown): string {
  if (key === 'image') return image(was, is);
  if (key === 'ports') return ports(was, is);
  if (NAMED.includes(key)) return `${key} ${names(record(was), record(is))}`;
  const field = BY_FIELD[key];
  if (field !== undefined) return `${key} ${names(byField(was, field), byField(is, field))}`;
  return `${key} ${was === undefined || was === null ? 'added' : is === undefined || is === null ? 'removed' : 'changed'}`;
}

/** The repository is said once when it stays. */
function image(was: unknown, is: unknown): string {
  const [from, to] = [text(was) || 'none', text(is) || 'none'];
  const repository = /^(.*):[^:/@]+$/.exec(from)?.[1];
  const short = repository !== undefined && to.startsWith(`${repository}:`) ? to.slice(repository.length + 1) : to;
  return `image ${from} → ${short}`;
}

function ports(was: unknown, is: unknown): string {
  const [from, to] = [list(was).map(portText), list(is).map(portText)];
  const gone = from.filter((p) => !to.includes(p));
  const come = to.filter((p) => !from.includes(p));
  const joined = (some: readonly string[]): string => shorten(some).join(', ');
  if (gone.length === 0 && come.length === 0) return 'ports changed';
  if (gone.length === 0) return `ports ${joined(come)} added`;
  if (come.length === 0) return `ports ${joined(gone)} removed`;
  const [before, after] = [gone.map(hostPart), come.map(hostPart)];
  return same(before, after) ? `ports ${joined(gone)} → ${joined(come)}` : `ports ${joined(before)} → ${joined(after)}`;
}

/** `127.0.0.1:8080:80/udp`, as short as it can be. */
function portText(port: unknown): string {
  const { host_ip: ip, published, target, protocol } = record(port);
  // As in a file: `127.0.0.1::80` is any port of that address.
  const host = ip ? [text(ip), text(published)] : published ? [text(published)] : [];
  return `${[...host, text(target)].join(':')}${protocol === 'udp' ? '/udp' : ''}`;
}

function hostPart(text: string): string {
  return text.includes(':') ? text.slice(0, text.lastIndexOf(':')) : text;
}

/** `A, B added, C changed, D removed`. */
function names(was: ServiceKeys, is: ServiceKeys): string {
  const before = new Map(Object.entries(was));
  const now = new Map(Object.entries(is));
  const groups: [string, string[]][] = [
    ['added', [...now.keys()].filter((n) => !before.has(n))],
    ['changed', [...now.keys()].filter((n) => before.has(n) && !same(before.get(n), now.get(n)))],
    ['removed', [...before.keys()].filter((n) => !now.has(n))],
  ];
  const shown = groups
    .filter(([, some]) => some.length > 0)
    .map(([what, some]) => `${shorten(some).join(', ')} ${what}`);
  return shown.length === 0 ? 'changed' : shown.join(', ');
}

function shorten(some: readonly string[]): string[] {
  const rest = some.length - NAMES_SHOWN;
  return rest <= 1 ? [...some] : [...some.slice(0, NAMES_SHOWN), `${rest} more`];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** A word or a number; anything else is no text. */
function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function byField(value: unknown, field: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list(value).map((item) => [text(record(item)[field]) || 'anonymous', item]));
}

/** Equal as JSON; absent and null are the same. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
