/** `14 ms`, `2.1 s`, `3 min 5 s`, `2 h 4 min`, `3 d`: rounded to what matters. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const s = Math.round(ms / 1000);
  if (s < 3600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  const min = Math.round(s / 60);
  if (min < 48 * 60) return min % 60 === 0 ? `${min / 60} h` : `${Math.floor(min / 60)} h ${min % 60} min`;
  return `${Math.round(min / 1440)} d`;
}

/** An estimate: no more digits than it deserves. */
export function about(ms: number): string {
  return ms < 950
    ? 'under 1 s'
    : ms < 60_000
      ? `about ${Math.round(ms / 1000)} s`
      : `about ${Math.round(ms / 60_000)} min`;
}

/** `640 B`, `12 KB`, `1.4 GB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${Math.round(count / 1e3)} KB`;
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

/** Cuts so that no line wraps: at most `columns` characters, `indent` before them. */
export function fit(text: string, columns: number, indent = ''): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= columns) return `${indent}${line}`;
  return columns <= 3 ? '' : `${indent}${line.slice(0, columns - 3).trimEnd()}...`;
}
