// The Compose projects that are raised. Compose reads JSON as it reads YAML.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_IMAGE } from '../test/support/test-image.ts';
import { HUB, type StandIn } from './stand-in-hub.ts';

export interface BenchProject {
  /** Name of the Compose project. */
  readonly name: string;
  readonly folder: string;
  /** Flags that name files and project, the same for Compose and for dive. @default none */
  readonly flags?: readonly string[];
}

export interface Projects {
  readonly shipped: BenchProject;
  readonly tuned: BenchProject;
  /** Same file as `shipped`, another project. */
  readonly ours: BenchProject;
}

const LABELS = { 'dive.test': 'bench' };
const MANY = 200;
const DEEP = 60;

function write(root: string, name: string, services: Record<string, unknown>): BenchProject {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const networks = { default: { labels: LABELS } };
  writeFileSync(join(folder, 'compose.yaml'), `${JSON.stringify({ name, services, networks }, null, 2)}\n`);
  return { name, folder };
}

/** Says `ready` in its log at the very moment it is: the engine stamps that line. */
function standIn(service: StandIn, intervalS: number): Record<string, unknown> {
  return {
    image: TEST_IMAGE,
    command: ['sh', '-c', `sleep ${service.readyS}; touch /ready; echo ready; exec sleep 86400`],
    stop_grace_period: '0s',
    labels: LABELS,
    healthcheck: { test: ['CMD', 'test', '-f', '/ready'], interval: `${intervalS}s`, timeout: '5s', retries: 60 },
    depends_on: Object.fromEntries(service.after.map((name) => [name, { condition: 'service_healthy' }])),
  };
}

function hub(root: string, name: string, intervalS: (service: StandIn) => number): BenchProject {
  return write(root, name, Object.fromEntries(HUB.map((s) => [s.name, standIn(s, intervalS(s))])));
}

export function hubProjects(root: string): Projects {
  return {
    shipped: hub(root, 't-bench-shipped', (s) => s.shippedIntervalS),
    tuned: hub(root, 't-bench-tuned', () => 1),
    ours: hub(root, 't-bench-ours', (s) => s.shippedIntervalS),
  };
}

/** Without health checks: how fast containers come, nothing else. A chain: each after the one before it. */
function plain(root: string, name: string, { count, isChain, settle }: Crowd): BenchProject {
  const serviceName = (n: number): string => `s${String(n).padStart(3, '0')}`;
  const services = Array.from({ length: count }, (_, n): [string, unknown] => [
    serviceName(n),
    {
      image: TEST_IMAGE,
      command: ['sleep', '86400'],
      stop_grace_period: '0s',
      labels: LABELS,
      ...(settle === undefined ? {} : { 'x-dive': { settle } }),
      ...(isChain && n > 0 ? { depends_on: [serviceName(n - 1)] } : {}),
    },
  ]);
  return write(root, name, Object.fromEntries(services));
}

interface Crowd {
  readonly count: number;
  readonly isChain: boolean;
  /** `x-dive.settle`; Compose does not read it. */
  readonly settle?: string;
}

/** `AsCompose`: with as little proof as Compose asks for, that it runs. */
export const CROWD_KINDS = ['many', 'deep', 'deepAsCompose'] as const;
export type CrowdKind = (typeof CROWD_KINDS)[number];

const CROWDS: Readonly<Record<CrowdKind, Crowd>> = {
  many: { count: MANY, isChain: false },
  deep: { count: DEEP, isChain: true },
  deepAsCompose: { count: DEEP, isChain: true, settle: '0s' },
};

/** 200 services that need nothing of each other, or a chain of 60; the same for Compose and for us. */
export function crowdProjects(root: string, kind: CrowdKind): { theirs: BenchProject; ours: BenchProject } {
  const make = (whose: string): BenchProject => plain(root, `t-bench-${kind.toLowerCase()}-${whose}`, CROWDS[kind]);
  return { theirs: make('compose'), ours: make('ours') };
}
