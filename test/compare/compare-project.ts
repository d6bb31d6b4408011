// One project of a corpus: created by us, compared with what Compose made of it, shown to Compose, removed.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { z } from 'zod';
import { resolveProject } from '../../adapters/compose/resolve.ts';
import type { ComposeSource, ProjectSpec } from '../../schema/spec.ts';
import { createProject } from './create-project.ts';
import { differences, normalise, type Inspection } from './inspection.ts';

const run = promisify(execFile);

const Meta = z.object({
  project: z.string(),
  file: z.string(),
  externalNetworks: z.array(z.string()).default([]),
  externalVolumes: z.array(z.string()).default([]),
});

export interface Engine {
  readonly docker: Docker;
  readonly socket: string;
  readonly composeCommand: readonly string[];
  /** Image that stands in for every name a project wants. */
  readonly standIn: string;
}

/** What must be there before the project is created. */
export interface Needs {
  readonly images: readonly string[];
  readonly externalNetworks: readonly string[];
  readonly externalVolumes: readonly string[];
}

export interface Comparison {
  readonly containers: number;
  /** One line each; empty when everything is as Compose does it. */
  readonly complaints: readonly string[];
}

/** The folder is copied first: the engine makes missing bind sources, and the corpus must stay as it is. */
export async function compareProject(engine: Engine, folder: string): Promise<Comparison> {
  const meta = Meta.parse(JSON.parse(await readFile(path.join(folder, 'meta.json'), 'utf8')));
  const expected: Inspection = JSON.parse(await readFile(path.join(folder, 'expected.json'), 'utf8'));
  const images = (await readFile(path.join(folder, 'images.txt'), 'utf8')).split('\n').filter((line) => line !== '');
  const copy = await mkdtemp(path.join(tmpdir(), 'dive-compare-'));
  try {
    await cp(folder, copy, { recursive: true });
    await prepare(engine, { ...meta, images });
    const file = path.join(copy, meta.file);
    const source = sourceOf(file, meta.project);
    const resolved = await resolveProject({ composeCommand: engine.composeCommand, source });
    if (resolved.kind !== 'resolved') return { containers: 0, complaints: [JSON.stringify(resolved)] };
    await createProject(engine.docker, resolved.project);
    const inspected = await inspectProject(engine.docker, meta.project);
    const found = differences(expected, normalise(inspected, meta.file)).map(
      ({ at, expected: wanted, actual }) => `${at}: expected ${JSON.stringify(wanted)}, is ${JSON.stringify(actual)}`,
    );
    return {
      containers: inspected.length,
      complaints: [...found, ...(await recreated(engine, resolved.project, inspected))],
    };
  } finally {
    await removeProject(engine.docker, meta.project, meta.externalNetworks);
    await rm(copy, { recursive: true, force: true });
  }
}

/** Runs the real `create` over what exists and names every container that it made anew. */
export async function recreated(
  engine: Engine,
  project: ProjectSpec,
  before: readonly { readonly Id: string; readonly Name: string }[],
): Promise<string[]> {
  const problem = await composeCreate(engine, project.source);
  if (problem !== undefined) return [`docker compose create: ${problem}`];
  const after = await inspectProject(engine.docker, project.project);
  const ids = new Set(after.map((container) => container.Id));
  const gone = before
    .filter((container) => !ids.has(container.Id))
    .map(({ Name }) => `${Name.slice(1)}: Compose recreates it`);
  return after.length === before.length ? gone : [...gone, `${after.length} containers instead of ${before.length}`];
}

/** The real `docker compose create`; the error text when it fails. */
export function composeCreate(engine: Engine, source: ComposeSource): Promise<string | undefined> {
  return runCompose(engine, source, ['create', '--no-build', '--pull', 'never']);
}

/** The real `docker compose up -d`; the error text when it fails. */
export function composeUp(engine: Engine, source: ComposeSource): Promise<string | undefined> {
  return runCompose(engine, source, ['up', '-d', '--no-build', '--pull', 'never']);
}

/** As a user would call it, by the test's own hand. */
async function runCompose(engine: Engine, source: ComposeSource, verb: readonly string[]): Promise<string | undefined> {
  const [program = 'docker', ...first] = engine.composeCommand;
  const project = source.projectName === undefined ? [] : ['-p', source.projectName];
  const files = [
    ...source.files.flatMap((file) => ['-f', file]),
    ...source.envFiles.flatMap((file) => ['--env-file', file]),
    ...source.profiles.flatMap((profile) => ['--profile', profile]),
  ];
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, DOCKER_HOST: `unix://${engine.socket}`, ...source.environment };
  return run(program, [...first, ...project, ...files, ...verb], { cwd: source.workingDir, env }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)),
  );
}

export async function inspectProject(docker: Docker, project: string): Promise<Docker.ContainerInspectInfo[]> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const listed = await docker.listContainers({ all: true, filters });
  return Promise.all(listed.map(({ Id }) => docker.getContainer(Id).inspect()));
}

/** Containers with their anonymous volumes, networks and volumes of the project, and the networks named. */
export async function removeProject(docker: Docker, project: string, networks: readonly string[] = []): Promise<void> {
  const filters = { label: [`com.docker.compose.project=${project}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const own = (await docker.listNetworks({ filters })).map(({ Id }) => Id);
  await Promise.all([...own, ...networks].map((network) => docker.getNetwork(network).remove()));
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  await Promise.all((volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
}

export function sourceOf(file: string, projectName: string, more: Partial<ComposeSource> = {}): ComposeSource {
  return {
    workingDir: path.dirname(file),
    files: [file],
    envFiles: [],
    profiles: [],
    environment: {},
    projectName,
    ...more,
  };
}

/** Tags the stand-in under every name wanted and makes the networks and volumes that the project takes for granted. */
export async function prepare(engine: Engine, needs: Needs): Promise<void> {
  const { docker, standIn } = engine;
  for (const image of needs.images) {
    const colon = image.lastIndexOf(':');
    const tagged = colon > image.lastIndexOf('/');
    const [repo, tag] = tagged ? [image.slice(0, colon), image.slice(colon + 1)] : [image, 'latest'];
    await docker.getImage(standIn).tag({ repo, tag });
  }
  for (const name of needs.externalNetworks) await docker.createNetwork({ Name: name, CheckDuplicate: true });
  for (const name of needs.externalVolumes) await docker.createVolume({ Name: name });
}
