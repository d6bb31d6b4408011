// Host ports that two containers of the project would both want: Compose itself sees it only when the second one starts.
import type { Finding } from '../../schema/finding.ts';
import type { ProjectModel } from './model.ts';
import { publishedPorts, type PublishedPort } from './ports.ts';
import { asMap } from './read.ts';
import { replicasOf } from './translate-service.ts';

interface Claim {
  readonly service: string;
  readonly index: number;
  readonly hostIp: string;
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

export function portClashes(model: ProjectModel): Finding[] {
  const findings: Finding[] = [];
  const claims: Claim[] = [];
  for (const [service, value] of model.services) {
    const replicas = replicasOf(asMap(value));
    for (const [index, port] of publishedPorts(asMap(value)).entries()) {
      const claim = replicas === 0 ? undefined : claimOf(service, index, port);
      if (claim === undefined) continue;
      const width = claim.last - claim.first + 1;
      if (width < replicas) findings.push(tooNarrow(claim, port, replicas));
      // From a range the engine picks a free one, so only single ports clash for certain.
      const other = width > 1 ? undefined : claims.find((known) => clash(known, claim));
      if (other !== undefined) findings.push(taken(claim, port, other));
      if (width === 1) claims.push(claim);
    }
  }
  return findings;
}

function claimOf(service: string, index: number, port: PublishedPort): Claim | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(port.published);
  if (match === null || match[1] === '0') return undefined;
  const first = Number(match[1]);
  return { service, index, hostIp: port.hostIp, protocol: port.protocol, first, last: Number(match[2] ?? first) };
}

function clash(a: Claim, b: Claim): boolean {
  return (
    a.first === b.first && a.protocol === b.protocol && (isAny(a.hostIp) || isAny(b.hostIp) || a.hostIp === b.hostIp)
  );
}

function isAny(hostIp: string): boolean {
  return hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::';
}

function taken(claim: Claim, port: PublishedPort, other: Claim): Finding {
  const who = other.service === claim.service ? 'twice by this service' : `by ${other.service} too`;
  return finding(claim, `host port ${port.published}/${port.protocol} is published ${who}`);
}

function tooNarrow(claim: Claim, port: PublishedPort, replicas: number): Finding {
  return finding(claim, `host port ${port.published}/${port.protocol} is not enough for ${replicas} containers`);
}

function finding({ service, index }: Claim, message: string): Finding {
  return { code: 'DIVE-1111', path: `services.${service}.ports[${index}]`, message };
}
