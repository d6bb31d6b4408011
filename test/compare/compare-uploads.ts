// What lies in the containers of a fixture: secrets and configs that Compose puts there, against those that we do.
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { extract } from 'tar-stream';
import type { ProjectSpec } from '../../schema/spec.ts';
import { composeUp, prepare, removeProject, type Engine } from './compare-project.ts';
import { createProject } from './create-project.ts';
import { readFixture, resolveFixture } from './compare-fixture.ts';

export type FoundFiles = Readonly<
  Record<string, { readonly mode: string; readonly owner: string; readonly content: string }>
>;

/** By `container:path`. Compose uploads only when it starts a container, so there the real `up` runs. */
export async function compareUploads(
  engine: Engine,
  folder: string,
): Promise<{ compose: FoundFiles; ours: FoundFiles }> {
  const { source, ...needs } = readFixture(folder);
  const project = await resolveFixture(engine.composeCommand, source);
  await prepare(engine, needs);
  try {
    const problem = await composeUp(engine, source);
    if (problem !== undefined) throw new Error(`docker compose up: ${problem}`);
    const compose = await filesOf(engine.docker, project);
    await removeProject(engine.docker, project.project);
    await createProject(engine.docker, project);
    return { compose, ours: await filesOf(engine.docker, project) };
  } finally {
    await removeProject(engine.docker, project.project, needs.externalNetworks);
  }
}

async function filesOf(docker: Docker, project: ProjectSpec): Promise<FoundFiles> {
  const places = project.services.flatMap((service) =>
    service.containers.flatMap((container) =>
      service.uploads.map((upload) => ({ name: container.name, path: upload.path })),
    ),
  );
  const files = await Promise.all(
    places.map(async ({ name, path }) => [`${name}:${path}`, await readFileIn(docker, name, path)] as const),
  );
  return Object.fromEntries(files);
}

async function readFileIn(docker: Docker, name: string, path: string): Promise<FoundFiles[string]> {
  const archive = (await docker.getContainer(name).getArchive({ path })).pipe(extract());
  for await (const entry of archive) {
    const { mode, uid, gid } = entry.header;
    return { mode: (mode & 0o7777).toString(8), owner: `${uid}:${gid}`, content: await text(entry) };
  }
  throw new Error(`${path} is not in ${name}`);
}
