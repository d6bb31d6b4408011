// Creates a resolved project by plain API calls: the test's own hand, so that the translation is judged alone.
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { containerBody } from '../../schema/container-body.ts';
import type { ProjectSpec, ServiceSpec, Upload } from '../../schema/spec.ts';

/** Every container is created and connected, none started. */
export async function createProject(docker: Docker, project: ProjectSpec): Promise<void> {
  for (const { body } of project.networks) if (body !== undefined) await post(docker, '/networks/create', body);
  for (const { body } of project.volumes) if (body !== undefined) await post(docker, '/volumes/create', body);
  const ids: Record<string, string> = Object.create(null);
  for (const service of inCreationOrder(project.services)) {
    const image = await docker.getImage(service.image).inspect();
    for (const container of service.containers) {
      const { body, networksToConnect } = containerBody(service, container, {
        imageId: image.Id,
        containerIds: ids,
        extraLabels: { 'dive.test': 'compare' },
      });
      const created = await docker.createContainer({
        ...body,
        name: container.name,
        ...(service.platform === undefined ? {} : { platform: service.platform }),
      });
      ids[service.name] ??= created.id;
      for (const { network, settings } of networksToConnect) {
        await docker.getNetwork(network).connect({ Container: created.id, EndpointConfig: settings });
      }
      for (const upload of service.uploads) await created.putArchive(archiveOf(upload), { path: '/' });
    }
  }
}

/** Shared namespaces and links need the other container to exist. */
function inCreationOrder(services: readonly ServiceSpec[]): ServiceSpec[] {
  const left = new Map(services.map((service) => [service.name, service]));
  const ordered: ServiceSpec[] = [];
  while (left.size > 0) {
    const next = [...left.values()].filter((service) =>
      [...service.sharesWith, ...service.dependsOn.map((dependency) => dependency.service)].every(
        (name) => !left.has(name),
      ),
    );
    if (next.length === 0) throw new Error(`a circle of ${[...left.keys()].join(', ')}`);
    for (const service of next) left.delete(service.name);
    ordered.push(...next);
  }
  return ordered;
}

function archiveOf(upload: Upload): NodeJS.ReadableStream {
  const archive = pack();
  archive.entry({ name: upload.path, mode: upload.mode, uid: upload.uid ?? 0, gid: upload.gid ?? 0 }, upload.content);
  archive.finalize();
  return archive.pipe(new PassThrough());
}

function post(docker: Docker, path: string, body: Record<string, unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      { path, method: 'POST', options: body, statusCodes: { 200: true, 201: true } },
      (error: unknown, data: unknown) =>
        error === null || error === undefined ? resolve(data) : reject(toError(error)),
    );
  });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
