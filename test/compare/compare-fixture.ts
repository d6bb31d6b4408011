// One fixture of our own: what Compose makes of it and what we make of it, on the same engine, in the same folder.
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { resolveProject } from '../../adapters/compose/resolve.ts';
import type { ComposeSource, ProjectSpec } from '../../schema/spec.ts';
import { composeCreate, inspectProject, prepare, recreated, removeProject, sourceOf } from './compare-project.ts';
import type { Engine, Needs } from './compare-project.ts';
import { createProject } from './create-project.ts';
import { differences, normalise, type Difference, type Inspection } from './inspection.ts';

const Fixture = z.object({
  files: z.array(z.string()).default(['compose.yaml']),
  envFiles: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  /** Names to give to the stand-in image. */
  images: z.array(z.string()).default([]),
  externalNetworks: z.array(z.string()).default([]),
  externalVolumes: z.array(z.string()).default([]),
});

export interface FixtureComparison {
  readonly containers: number;
  readonly differences: readonly Difference[];
  /** Containers that the real `docker compose create` afterwards makes anew. */
  readonly recreated: readonly string[];
}

/** Both work in one copy of the folder: the engine makes missing bind sources there. */
export async function compareFixture(engine: Engine, folder: string): Promise<FixtureComparison> {
  const parent = await mkdtemp(path.join(tmpdir(), 'dive-fixture-'));
  const copy = path.join(parent, path.basename(folder));
  await cp(folder, copy, { recursive: true });
  try {
    return await compareIn(engine, copy);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function compareIn(engine: Engine, folder: string): Promise<FixtureComparison> {
  const { source, ...needs } = readFixture(folder);
  const project = source.projectName ?? '';
  await prepare(engine, needs);
  try {
    const problem = await composeCreate(engine, source);
    if (problem !== undefined) throw new Error(`docker compose create: ${problem}`);
    const expected = await snapshot(engine.docker, project);
    await removeProject(engine.docker, project);
    const { ApiVersion } = await engine.docker.version();
    const resolved = await resolveFixture(engine.composeCommand, source, ApiVersion);
    await createProject(engine.docker, resolved);
    const actual = await snapshot(engine.docker, project);
    const before = await inspectProject(engine.docker, project);
    return {
      containers: before.length,
      differences: differences(expected, actual),
      recreated: await recreated(engine, resolved, before),
    };
  } finally {
    await removeProject(engine.docker, project, needs.externalNetworks);
    await Promise.all(needs.externalVolumes.map((volume) => engine.docker.getVolume(volume).remove()));
  }
}

export function readFixture(folder: string): Needs & { readonly source: ComposeSource } {
  const file = path.join(folder, 'fixture.json');
  const fixture = Fixture.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  const at = (name: string): string => path.join(folder, name);
  const [first = 'compose.yaml'] = fixture.files;
  const source = sourceOf(at(first), `t-${path.basename(folder)}`, {
    files: fixture.files.map(at),
    envFiles: fixture.envFiles.map(at),
    profiles: fixture.profiles,
    environment: fixture.environment,
  });
  return { ...fixture, source };
}

/** @throws Error with the findings when an engine of that API cannot have it */
export async function resolveFixture(
  composeCommand: readonly string[],
  source: ComposeSource,
  engineApiVersion?: string,
): Promise<ProjectSpec> {
  const resolved = await resolveProject({ composeCommand, source, ...(engineApiVersion && { engineApiVersion }) });
  if (resolved.kind !== 'resolved') throw new Error(JSON.stringify(resolved, null, 2));
  return resolved.project;
}

/** Containers, networks and volumes of the project, hashes of networks and volumes included. */
async function snapshot(docker: Docker, project: string): Promise<Inspection> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const networks = (await docker.listNetworks({ filters })).map(
    ({ Name, Driver, Internal, Attachable, EnableIPv6, Options, Labels, IPAM }) => ({
      name: `network ${Name}`,
      value: { Driver, Internal, Attachable, EnableIPv6, Options, Labels, IPAM: withoutAutomaticPool(Labels, IPAM) },
    }),
  );
  const { Volumes } = await docker.listVolumes({ filters });
  const volumes = (Volumes ?? []).map(({ Name, Driver, Options, Labels }) => ({
    name: `volume ${Name}`,
    value: { Driver, Options, Labels },
  }));
  const objects = JSON.stringify(Object.fromEntries([...networks, ...volumes].map(({ name, value }) => [name, value])));
  return { ...normalise(await inspectProject(docker, project), 'compose.yaml'), ...JSON.parse(objects) };
}

/** Where the file names no pool the engine takes the next free one. */
function withoutAutomaticPool(labels: Record<string, string> | undefined, ipam: Docker.IPAM | undefined): unknown {
  return labels?.['com.docker.compose.network'] === 'back' ? ipam : { Driver: ipam?.Driver };
}
