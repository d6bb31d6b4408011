// The command as one file with V8's compiled code beside it (scripts/bundle-command.cjs): a command that reads and
// compiles hundreds of small files each time starts later.
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type * as Command from './command.ts';

const BUNDLE = 'command.bundle.cjs';

export interface Bundle {
  readonly command: typeof Command;
  /** V8 took the compiled code as it is. */
  readonly wasCompiled: boolean;
  /** What V8 has compiled of it by now. */
  compiled(): Buffer;
}

/** Where the compiled code of a bundle lies: its first line is a comment, the digest of the rest. V8 itself compares lengths only. */
export function compiledFile(folder: string, source: string): string {
  return join(folder, `command.${source.slice(2, source.indexOf('\n'))}.v8`);
}

/**
 * Runs the bundle in `folder`; undefined where there is none. Compiled code of another Node.js version is refused by
 * V8, which then compiles anew.
 */
export function loadBundle(folder: string): Bundle | undefined {
  // Plain ASCII, which V8 keeps as it is; as UTF-8 it would be decoded first.
  const source = readIfThere(join(folder, BUNDLE))?.toString('latin1');
  if (source === undefined) return undefined;
  const filename = join(folder, BUNDLE);
  const cachedData = readIfThere(compiledFile(folder, source));
  const script = new Script(Module.wrap(source), {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module: { exports: typeof Command } = { exports: Object.create(null) };
  script.runInThisContext()(module.exports, Module.createRequire(filename), module, filename, folder);
  return {
    command: module.exports,
    wasCompiled: script.cachedDataRejected === false,
    compiled: () => script.createCachedData(),
  };
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
