import type { ObservedContainer, ObservedProject } from '../schema/observed.ts';

function alive(c: ObservedContainer): string {
  if (c.state === 'running' || c.state === 'restarting') return 'running';
  return c.state === 'paused' ? 'paused' : 'stopped';
}

type ObservedNetwork = ObservedProject['networks'][number];

/** By id; or one made again as it was: same name and every label, that of its definition's hash among them. */
function sameNetwork(a: ObservedNetwork, b: ObservedNetwork): boolean {
  const labels = (n: ObservedNetwork): string =>
    JSON.stringify(Object.entries(n.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return a.id === b.id || (a.name === b.name && labels(a) === labels(b));
}

/** What differs between two looks at a project, a line each; volumes that were added do not count: they are kept. */
export function differences(before: ObservedProject, now: ObservedProject): string[] {
  const lines: string[] = [];
  const was = new Map(before.containers.map((c) => [c.id, c]));
  const is = new Map(now.containers.map((c) => [c.id, c]));
  for (const c of before.containers) {
    const there = is.get(c.id);
    if (!there) lines.push(`${c.name} is gone`);
    else if (there.name !== c.name) lines.push(`${c.name} is now called ${there.name}`);
    else if (alive(there) !== alive(c)) lines.push(`${c.name} is ${alive(there)}, was ${alive(c)}`);
  }
  for (const c of now.containers) if (!was.has(c.id)) lines.push(`${c.name} is there, was not`);
  const has = (some: ObservedProject['networks'], n: ObservedNetwork): boolean => some.some((o) => sameNetwork(o, n));
  for (const n of before.networks) if (!has(now.networks, n)) lines.push(`network ${n.name} is gone`);
  for (const n of now.networks) if (!has(before.networks, n)) lines.push(`network ${n.name} is there, was not`);
  const volumes = new Set(now.volumes.map((v) => v.name));
  for (const v of before.volumes) if (!volumes.has(v.name)) lines.push(`volume ${v.name} is gone`);
  return lines;
}
