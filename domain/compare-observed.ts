import type { ObservedContainer, ObservedProject } from '../schema/observed.ts';

function alive(c: ObservedContainer): string {
  if (c.state === 'running' || c.state === 'restarting') return 'running';
  return c.state === 'paused' ? 'paused' : 'stopped';
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
  const networks = new Set(now.networks.map((n) => n.id));
  const networksBefore = new Set(before.networks.map((n) => n.id));
  for (const n of before.networks) if (!networks.has(n.id)) lines.push(`network ${n.name} is gone`);
  for (const n of now.networks) if (!networksBefore.has(n.id)) lines.push(`network ${n.name} is there, was not`);
  const volumes = new Set(now.volumes.map((v) => v.name));
  for (const v of before.volumes) if (!volumes.has(v.name)) lines.push(`volume ${v.name} is gone`);
  return lines;
}
