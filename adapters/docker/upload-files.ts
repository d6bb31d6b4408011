// Secrets and configs from variables or inline content: into the container after create, before every start.
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { Upload } from '../../schema/spec.ts';
import type { Change } from './change.ts';
import { part, send, type Wire } from './request.ts';

/**
 * Puts the files into a container that need not run; folders on the way are made by the engine.
 * @throws EngineFailure, or what `guard` throws
 */
export async function uploadFiles(engine: Wire, change: Change, id: string, uploads: readonly Upload[]): Promise<void> {
  // With an owner asked for, the engine is told to keep it; the same flag would change the other files.
  const owned = uploads.filter((upload) => upload.uid !== undefined || upload.gid !== undefined);
  const plain = uploads.filter((upload) => !owned.includes(upload));
  for (const [files, copyUIDGID] of [
    [plain, undefined],
    [owned, true],
  ] as const) {
    if (files.length === 0) continue;
    const file = await tarOf(files);
    const query = { path: '/', noOverwriteDirNonDir: true, copyUIDGID };
    await change.guard(() => send(engine, { method: 'PUT', path: `/containers/${part(id)}/archive`, query, file }));
  }
}

async function tarOf(files: readonly Upload[]): Promise<Buffer> {
  const tar = pack();
  for (const { path, content, mode, uid = 0, gid = 0 } of files) {
    // Fixed time: the same content makes the same tar.
    tar.entry({ name: path, mode, uid, gid, mtime: new Date(0) }, content);
  }
  tar.finalize();
  return buffer(tar);
}
