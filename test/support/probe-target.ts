// A container that publishes what listens here: what a probe is handed.
import { askProbe } from '../../adapters/probes/ask.ts';
import type { Probe, ProbeTarget } from '../../adapters/probes/probe.ts';
import type { ContainerState } from '../../schema/observed.ts';
import { ProbeResult, type ExecAnswer } from '../../schema/probe.ts';

/** Port 8080 of it is `hostPort` here; undefined: it publishes none. */
export function container(hostPort: number | undefined, more: Partial<ContainerState> = {}): ContainerState {
  return {
    id: 'c1',
    name: 'shop-web-1',
    imageId: 'sha256:0',
    image: 'web',
    labels: {},
    state: 'running',
    exitCode: 0,
    oomKilled: false,
    error: '',
    startedAtMs: 1000,
    restartCount: 0,
    networks: ['shop_default'],
    ports: hostPort === undefined ? [] : [{ port: 8080, protocol: 'tcp', hostIp: '0.0.0.0', hostPort }],
    volumes: [],
    stopSignal: 'SIGTERM',
    ...more,
  };
}

export function target(hostPort: number | undefined, more: Partial<ProbeTarget> = {}): ProbeTarget {
  const exec = (): Promise<ExecAnswer> => Promise.reject(new Error('no command expected'));
  return { container: container(hostPort), exec, nowMs: 1000, attempt: 0, ...more };
}

/** The HTTP question for `/health` on port 8080. */
export function http(more: Partial<Extract<Probe, { kind: 'http' }>> = {}): Probe {
  return {
    kind: 'http',
    level: 3,
    timeoutMs: 300,
    description: '',
    port: 8080,
    path: '/health',
    statuses: [],
    ...more,
  };
}

export async function ask(probe: Probe, to: ProbeTarget): Promise<ProbeResult> {
  return ProbeResult.parse(await askProbe(probe, to));
}
