import type { ServiceSpec } from '../../schema/spec.ts';
import type { Change } from './change.ts';
import { orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';
import { uploadFiles } from './upload-files.ts';
import { EngineFailure } from './engine-failure.ts';

/**
 * Starts a container; one that runs already is success.
 * @param service gives the files to put in first; without it none are
 * @throws EngineFailure DIVE-1111 (port), DIVE-1003 (network gone), DIVE-1207 (container gone), DIVE-1201 (anything
 * else the engine says), what `guard` throws, or the reason of `change.signal` when that was aborted before
 */
export async function startContainer(
  engine: Wire,
  change: Change,
  id: string,
  service?: Pick<ServiceSpec, 'uploads'>,
): Promise<void> {
  if (service !== undefined && service.uploads.length > 0) await uploadFiles(engine, change, id, service.uploads);
  await change.guard(() => {
    change.signal?.throwIfAborted();
    // Once asked for, the engine starts it, whether somebody waits or not: the fence is held for as long as it does.
    return send(engine, { method: 'POST', path: `/containers/${part(id)}/start` });
  });
}

/** @throws EngineFailure DIVE-1008 (the name is taken), DIVE-1207 (gone), or what `guard` throws */
export async function renameContainer(engine: Wire, change: Change, id: string, name: string): Promise<void> {
  try {
    await change.guard(() => send(engine, { method: 'POST', path: `/containers/${part(id)}/rename`, query: { name } }));
  } catch (error) {
    if (!(error instanceof EngineFailure) || (error.status !== 409 && error.status !== 400)) throw error;
    // "Renaming a container with the same name as its current name" is what a repeated call hears.
    const found = await orNothing(send(engine, { method: 'GET', path: `/containers/${part(id)}/json` }));
    if (nameOf(found) === name) return;
    throw new EngineFailure('DIVE-1008', error.message, { status: error.status, cause: error });
  }
}

function nameOf(inspected: unknown): string | undefined {
  if (typeof inspected !== 'object' || inspected === null || !('Name' in inspected)) return undefined;
  return String(inspected.Name).replace(/^\//, '');
}
