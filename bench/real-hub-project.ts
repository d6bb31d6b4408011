// The default hub as three projects of one folder: same file, same images, same ports, other health-check intervals.
import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUB, hubImages, hubPorts } from '../test/support/hub.ts';
import { freePorts } from '../test/support/listening.ts';
import { mustExecute } from './execute.ts';
import type { BenchProject } from './projects.ts';

/** Seconds between two checks in the old hub; Compose knows of a service only then. */
const SHIPPED: Readonly<Record<string, number>> = { postgres: 5, redis: 3, opa: 3, keycloak: 5, backend: 30 };
const SECRETS = ['POSTGRES_PASSWORD', 'KEYCLOAK_DB_PASSWORD', 'BACKEND_DB_PASSWORD', 'REDIS_PASSWORD'];
const MORE_SECRETS = ['KEYCLOAK_ADMIN_PASSWORD', 'BACKEND_CLIENT_SECRET', 'DEMO_PASSWORD'];

export interface RealHub {
  readonly tuned: BenchProject;
  readonly shipped: BenchProject;
  /** With the intervals of `shipped`. */
  readonly ours: BenchProject;
  /** Does Keycloak find its tables made? Counts for the next database that is made. */
  makeTables(made: boolean): void;
}

/** Written below `root`; its back end is built, so that no variant pays for that. */
export async function realHub(root: string, compose: readonly string[]): Promise<RealHub> {
  const folder = join(root, 'real-hub');
  cpSync(HUB, folder, { recursive: true, filter: (from) => !/hub\.env|dive\.yaml|node_modules|dist$/.test(from) });
  const secrets = [...SECRETS, ...MORE_SECRETS].map((name) => `${name}=${randomBytes(16).toString('hex')}`);
  const ports = (await freePorts(hubPorts.length)).map((port, index) => `${hubPorts[index]}=${port}`);
  writeFileSync(join(folder, 'hub.env'), [...(await hubImages()), ...ports, ...secrets, ''].join('\n'), {
    mode: 0o600,
  });
  const project = (name: string, intervalS: (service: string) => number): BenchProject => {
    const services = Object.keys(SHIPPED).map((s) => [
      s,
      { healthcheck: { interval: `${intervalS(s)}s` }, labels: { 'dive.test': 'bench' } },
    ]);
    const file = `${name}.intervals.json`;
    writeFileSync(join(folder, file), JSON.stringify({ services: Object.fromEntries(services) }));
    return { name, folder, flags: ['-p', name, '-f', 'compose.yaml', '-f', file, '--env-file', 'hub.env'] };
  };
  const old = (service: string): number => SHIPPED[service] ?? 5;
  const tuned = project('t-bench-hub-tuned', () => 1);
  await mustExecute([...compose, ...(tuned.flags ?? []), 'build'], { cwd: folder });
  const tables = join(folder, 'postgres', 'keycloak-schema.sql');
  const made = readFileSync(tables);
  return {
    tuned,
    shipped: project('t-bench-hub-shipped', old),
    ours: project('t-bench-hub-ours', old),
    makeTables: (wanted) => writeFileSync(tables, wanted ? made : '\n'),
  };
}
