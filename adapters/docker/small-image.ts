// The smallest image there is, made of one program: where nothing is at hand and no registry answers.
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { z } from 'zod';
import { readAnswer } from './answers.ts';
import { orNothing } from './inspect.ts';
import { part, send, type Wire } from './request.ts';

const Listed = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }));

/** Names of the images that are here, with their tags. @throws EngineFailure */
export async function imageNames(engine: Wire): Promise<string[]> {
  const answer = await send(engine, { method: 'GET', path: '/images/json' });
  return readAnswer(Listed, answer).flatMap((image) => image.RepoTags ?? []);
}

/** An image of a statically linked busybox, its programs by name in /bin. @throws EngineFailure */
export async function importBusybox(
  engine: Wire,
  image: { readonly repo: string; readonly tag: string },
  busybox: Buffer,
  programs: readonly string[],
): Promise<void> {
  const tar = pack();
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, busybox);
  for (const name of programs) tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  tar.finalize();
  const query = { fromSrc: '-', ...image, changes: 'ENV PATH=/bin' };
  await send(engine, { method: 'POST', path: '/images/create', query, file: await buffer(tar) });
}

/** One that is missing already is success. @throws EngineFailure DIVE-1201 when a container uses it */
export async function removeImage(engine: Wire, name: string): Promise<void> {
  await orNothing(send(engine, { method: 'DELETE', path: `/images/${part(name)}` }));
}
