// Times as `docker logs --since` takes them. Pure.

const UNITS_MS = { h: 3_600_000, m: 60_000, s: 1000 } as const;

/**
 * `42m`, `1h30m`, `10s` before `nowMs`; `2026-01-02T13:23:37Z` and the like; or seconds since 1970. Gives seconds since
 * 1970 as the engine wants them, undefined for what is none of these.
 */
export function sinceSeconds(text: string, nowMs: number): string | undefined {
  if (/^\d+(\.\d{1,9})?$/.test(text)) return text;
  if (/^(\d+(\.\d+)?[hms])+$/.test(text)) {
    let ms = 0;
    for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)([hms])/g))
      ms += Number(count) * (unit === 'h' ? UNITS_MS.h : unit === 'm' ? UNITS_MS.m : UNITS_MS.s);
    return seconds(nowMs - ms);
  }
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : seconds(atMs);
}

/** The moment after a log line's time, so that following from there repeats nothing. `at`: RFC 3339 with nine digits. */
export function justAfter(at: string): string | undefined {
  const found = /^(.*)\.(\d{9})Z$/.exec(at);
  const whole = Date.parse(`${found?.[1] ?? ''}Z`);
  if (!found || Number.isNaN(whole)) return undefined;
  const next = Number(found[2]) + 1;
  const carried = next === 1_000_000_000;
  return `${whole / 1000 + (carried ? 1 : 0)}.${String(carried ? 0 : next).padStart(9, '0')}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
