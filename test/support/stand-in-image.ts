// A tiny image from the machine's static busybox, to stand in where no registry can be reached.
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

const BUSYBOX = '/bin/busybox';
const APPLETS = [
  'sh',
  'sleep',
  'true',
  'false',
  'cat',
  'echo',
  'ls',
  'id',
  'nc',
  'httpd',
  'wget',
  'stat',
  'touch',
  'env',
];
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Imports it as `name:tag`; the command is `sleep 3600`.
 * @throws Error naming the package when there is no busybox.
 */
export async function importStandIn(docker: Docker, name: string, tag: string, changes: string[] = []): Promise<void> {
  const busybox = await readFile(BUSYBOX).catch(() => {
    throw new Error(`${BUSYBOX} is missing: apt-get install busybox-static`);
  });
  const archive = pack();
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, busybox);
  for (const applet of APPLETS) archive.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  archive.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  archive.finalize();
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
    const options = { repo: name, tag, changes: ['CMD ["sleep","3600"]', `ENV ${PATH}`, ...changes] };
    docker.importImage(archive.pipe(new PassThrough()), options, (error: Error | null, stream) =>
      error === null && stream !== undefined ? docker.modem.followProgress(stream, done) : done(error),
    );
  });
}
