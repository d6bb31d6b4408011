// Which probes a service gets, from what its file and its image say. Pure.
import { IDLE_MS, SETTLE_MS } from '../../domain/timing.ts';
import type { Finding } from '../../schema/finding.ts';
import { ProbeOption } from '../../schema/probe.ts';
import type { HealthCheck, ServiceSpec } from '../../schema/spec.ts';
import { checkArgv, httpPortsOfScript, plainHttpCheck } from './health-check.ts';
import { functionalProbe, functionalProbeOf } from './functional-kinds.ts';
import { environmentOf } from './outside.ts';
import type { Probe } from './probe.ts';
import { vacuousReason } from './vacuous.ts';

/** What the image says; an image that is not local yet says nothing. */
export interface ImageFacts {
  readonly healthCheck?: HealthCheck;
}

const TIMEOUT_MS = 3000;
/** A published port that stays silent this long is no proof against a container that runs. */
const SILENT_PORT_MS = 10_000;

/**
 * The probes of a service, shallowest first; all must succeed. `x-dive.probes` says all, else the health check of the
 * file or the image, else its published ports, else that it keeps running; to the latter three a known image adds its
 * functional probe. `x-dive.probes` with nothing but functional ones says which those are.
 * Entries of `x-dive.probes` that are wrong are left out: `probeFindings` reports them.
 */
export function chooseProbes(service: ServiceSpec, image: ImageFacts = {}): Probe[] {
  const options = (service.options.probes ?? []).flatMap((option) => {
    const parsed = ProbeOption.safeParse(option);
    return parsed.success ? [fromOption(parsed.data, service)] : [];
  });
  if (options.some((o) => o.level < 4)) return options.toSorted((a, b) => a.level - b.level);
  const check = ownCheck(service, image);
  const base = check === undefined ? undefined : fromCheck(check, service);
  const known = functionalProbeOf(service);
  const functional = options.length > 0 ? options : known === undefined ? [] : [known];
  return [base ?? running(service), ...functional];
}

/** The probes whose success opens dependants: all but the functional ones, which VERIFYING asks. */
export function openingProbes(probes: readonly Probe[]): Probe[] {
  const opening = probes.filter((probe) => probe.level < 4);
  return opening.length > 0 ? opening : [...probes];
}

/** Ports of the container that a probe asks by HTTP. */
export function httpPorts(probes: readonly Probe[]): number[] {
  return probes.flatMap((probe) => {
    if (probe.kind === 'http') return [probe.port];
    if (probe.kind !== 'exec') return [];
    return probe.cheaper === undefined ? httpPortsOfScript(probe.argv) : [probe.cheaper.port];
  });
}

/** Wrong entries of `x-dive.probes` (errors), and checks that cannot fail (warnings), both DIVE-1110. */
export function probeFindings(
  service: ServiceSpec,
  image: ImageFacts = {},
): { readonly errors: Finding[]; readonly warnings: Finding[] } {
  const path = `services.${service.name}`;
  const options = service.options.probes ?? [];
  const errors = options.flatMap((option, index): Finding[] => {
    const at = `${path}.x-dive.probes[${index}]`;
    const parsed = ProbeOption.safeParse(option);
    if (parsed.success) return unreachable(service, parsed.data, at);
    const known =
      '{ http: { port, path, expect, contains } }, { tcp: { port } }, { exec: […] }, { postgres | redis | keycloak | opa: {} }';
    return [{ code: 'DIVE-1110', path: at, message: `no probe that is known here: ${known}` }];
  });
  const checks = options.flatMap((option): HealthCheck['test'][] => {
    const parsed = ProbeOption.safeParse(option);
    return parsed.success && 'exec' in parsed.data ? [execTest(parsed.data.exec)] : [];
  });
  const own = options.length === 0 ? ownCheck(service, image)?.test : undefined;
  const warnings = [...checks, ...(own === undefined ? [] : [own])].flatMap((test): Finding[] => {
    const reason = vacuousReason({ test });
    const message = `the health check of ${service.name} cannot fail: ${reason}`;
    return reason === undefined ? [] : [{ code: 'DIVE-1110', path: `${path}.healthcheck`, message }];
  });
  return { errors, warnings };
}

function ownCheck(service: ServiceSpec, image: ImageFacts): HealthCheck | undefined {
  return service.healthCheckDisabled ? undefined : (service.healthCheck ?? image.healthCheck);
}

function fromOption(option: ProbeOption, service: ServiceSpec): Probe {
  const timeoutMs = TIMEOUT_MS;
  if ('http' in option) {
    const { port, path, expect, contains } = option.http;
    const statuses = expect === undefined ? [] : [expect].flat();
    const description = `HTTP ${path} on port ${port}`;
    const level = option.level ?? 3;
    return { kind: 'http', level, timeoutMs, description, port, path, statuses, ...(contains && { contains }) };
  }
  if ('tcp' in option) {
    return { kind: 'tcp', level: 2, timeoutMs, description: `port ${option.tcp.port} accepts`, port: option.tcp.port };
  }
  const environment = environmentOf(service);
  if ('postgres' in option) return functionalProbe('postgres', option.postgres, environment);
  if ('redis' in option) return functionalProbe('redis', option.redis, environment);
  if ('keycloak' in option) return functionalProbe('keycloak', option.keycloak, environment);
  if ('opa' in option) return functionalProbe('opa', option.opa, environment);
  const argv = checkArgv(execTest(option.exec)) ?? [];
  const level = option.level ?? 3;
  return { kind: 'exec', level, timeoutMs, description: `runs ${argv.join(' ')}`, argv, ownCheck: false };
}

function execTest(exec: string | readonly string[]): string[] {
  return typeof exec === 'string' ? ['CMD-SHELL', exec] : ['CMD', ...exec];
}

function fromCheck(check: HealthCheck, service: ServiceSpec): Probe | undefined {
  const argv = checkArgv(check.test);
  if (argv === undefined) return undefined;
  const http = plainHttpCheck(check);
  const cheaper = http !== undefined && publishedPorts(service).includes(http.port) ? http : undefined;
  const description = 'its own health check';
  const base = { kind: 'exec', level: 2, timeoutMs: check.timeoutMs, description, argv, ownCheck: true } as const;
  return cheaper === undefined ? base : { ...base, cheaper };
}

function running(service: ServiceSpec): Probe {
  const ports = publishedPorts(service);
  const { settleMs } = service.options;
  const base = { kind: 'running', timeoutMs: TIMEOUT_MS, ports } as const;
  if (ports.length > 0) {
    const description = `port ${ports.join(' or ')} accepts, no check`;
    return { ...base, level: 2, description, settleMs: settleMs ?? SILENT_PORT_MS };
  }
  const mere = { ...base, level: 1, description: 'keeps running, no check' } as const;
  // What its file says is meant as it stands.
  return settleMs === undefined ? { ...mere, settleMs: SETTLE_MS, idleMs: IDLE_MS } : { ...mere, settleMs };
}

/** A port that cannot be reached from outside can be asked by HTTP from inside, but not by TCP. */
function unreachable(service: ServiceSpec, option: ProbeOption, path: string): Finding[] {
  if (!('tcp' in option) || publishedPorts(service).includes(option.tcp.port)) return [];
  if (service.body.HostConfig['NetworkMode'] === 'host') return [];
  const message = `port ${option.tcp.port} of ${service.name} is not published on loopback: use an exec or http probe`;
  return [{ code: 'DIVE-1110', path, message }];
}

/** TCP ports of the container that this machine's loopback will reach. */
function publishedPorts(service: ServiceSpec): number[] {
  const bindings: unknown = service.body.HostConfig['PortBindings'];
  if (typeof bindings !== 'object' || bindings === null) return [];
  return Object.entries(bindings).flatMap(([key, hosts]) => {
    const [port, protocol = 'tcp'] = key.split('/');
    const reachable =
      Array.isArray(hosts) && hosts.some((host: unknown) => /^$|^0\.0\.0\.0$|^::1?$|^127\./.test(hostIp(host)));
    return protocol === 'tcp' && reachable ? [Number(port)] : [];
  });
}

function hostIp(binding: unknown): string {
  if (typeof binding !== 'object' || binding === null || !('HostIp' in binding)) return '';
  return String(binding.HostIp);
}
