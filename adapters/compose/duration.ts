// Durations as Go prints and reads them: `1m30s`, `1.5s`, `250ms`.
const UNIT_NS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
  ['d', 86_400e9],
  ['w', 7 * 86_400e9],
]);
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/gy;

/** Nanoseconds; undefined when `text` is no duration. */
export function durationNs(text: string): number | undefined {
  if (text === '0') return 0;
  let total = 0;
  let end = 0;
  for (const match of text.matchAll(PART)) {
    total += Number(match[1]) * (UNIT_NS.get(match[2] ?? '') ?? 0);
    end = match.index + match[0].length;
  }
  return end === text.length && end > 0 ? Math.round(total) : undefined;
}

/** After how long an image is pulled again by a `pull_policy`, milliseconds; undefined of one that knows no time. */
export function refreshMs(policy: string): number | undefined {
  const every = policy === 'daily' ? '1d' : policy === 'weekly' ? '1w' : /^every_(.+)$/.exec(policy)?.[1];
  const ns = every === undefined ? undefined : durationNs(every);
  return ns === undefined ? undefined : ns / 1e6;
}
