// Where this package lies and which build of it this is.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: of the clone, or of the installed package. */
export function packageRoot(from = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${from}`);
  }
}

export interface Build {
  readonly version: string;
  /** Digest of all that was built; empty when nothing was. */
  readonly build: string;
}

export function ownBuild(): Build {
  const root = packageRoot();
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const stamp = join(root, 'dist', '.built');
  return { version, build: existsSync(stamp) ? readFileSync(stamp, 'utf8') : '' };
}

/** Is version `a` newer than `b`? Three numbers each; what follows them does not count. */
export function isNewer(a: string, b: string): boolean {
  const numbers = (v: string): number[] => (v.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
