// A clone of this repository as it is, its packages brought and its build done.
import { cp, mkdir, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { type Ran, type Running, beginProgram } from './command.ts';

const ROOT = path.resolve(__dirname, '..', '..');
const COPIED = ['dist', 'dive', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
/** Only their age is looked at. */
const SOURCES = ['domain', 'schema', 'workflows', 'activities', 'adapters', 'server', 'worker', 'client', 'cli'];

export interface Clone {
  /** A shell line in its folder. */
  begin(line: string): Running;
  run(line: string): Promise<Ran>;
}

/** Into `folder`, around the hub that lies in its `stacks/hub` already. It goes with the folder. */
export async function cloneInto(folder: string): Promise<Clone> {
  const at = (...names: string[]): string => path.join(folder, ...names);
  // What a command beside this test is about to keep has another name in a moment.
  const filter = (source: string): boolean => !/\.v8\.\d+$/.test(source);
  for (const name of COPIED)
    await cp(path.join(ROOT, name), at(name), { recursive: true, preserveTimestamps: true, filter });
  for (const name of SOURCES) await mkdir(at(name));
  await symlink(path.join(ROOT, 'stacks', 'images'), at('stacks', 'images'));
  await symlink(path.join(ROOT, 'node_modules'), at('node_modules'));
  const now = new Date();
  await utimes(at('dist', '.built'), now, now);
  const begin = (line: string): Running => beginProgram('sh', ['-c', line], folder);
  return { begin, run: (line) => begin(line).ended };
}
