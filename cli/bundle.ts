// The command as one file with V8's compiled code beside it (scripts/bundle-command.cjs): a command that reads and
// compiles hundreds of small files each time starts later.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import type * as Command from './command.ts';

const BUNDLE = 'command.bundle.cjs';

/** What these ran the first time is kept compiled for the next; the others start from what the build compiled. */
const FREQUENT: ReadonlySet<string> = new Set(['up', 'plan', 'status', 'down', 'watch', 'logs', 'history']);

export interface Bundle {
  readonly command: typeof Command;
  /** V8 took the compiled code as it is. */
  readonly wasCompiled: boolean;
  /** What V8 has compiled of it by now. */
  compiled(): Buffer;
  /** Keeps that for the next command of the same verb, where it was not kept yet. For the end of the process. */
  keepCompiled(): void;
}

/**
 * Where the compiled code of a bundle lies, for a verb what it ran: its first line is a comment, the digest of the rest.
 * V8 itself compares lengths only. What a verb ran is kept for each V8 and its flags, which take no other's.
 */
export function compiledFile(folder: string, source: string, verb?: string): string {
  const digest = source.slice(2, source.indexOf('\n'));
  return join(folder, `command.${digest}.${verb === undefined ? '' : `${verb}.${cachedDataVersionTag()}.`}v8`);
}

/**
 * Runs the bundle in `folder`; undefined where there is none. `verb` says what it will be asked for. What the build
 * compiled for another Node.js, or with other flags of V8, is refused by V8, which then compiles anew.
 */
export function loadBundle(folder: string, verb?: string): Bundle | undefined {
  // Plain ASCII, which V8 keeps as it is; as UTF-8 it would be decoded first.
  const source = readIfThere(join(folder, BUNDLE))?.toString('latin1');
  if (source === undefined) return undefined;
  const filename = join(folder, BUNDLE);
  const own = verb !== undefined && FREQUENT.has(verb) ? compiledFile(folder, source, verb) : undefined;
  const kept = own === undefined ? undefined : readIfThere(own);
  const cachedData = kept ?? readIfThere(compiledFile(folder, source));
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
    keepCompiled: () => {
      if (own !== undefined && kept === undefined) keep(own, script.createCachedData());
    },
  };
}

/** At once, for commands that start meanwhile. Where it cannot be written, the next command is as slow as this one. */
function keep(file: string, compiled: Buffer): void {
  const staging = `${file}.${process.pid}`;
  try {
    writeFileSync(staging, compiled);
    renameSync(staging, file);
  } catch {
    rmSync(staging, { force: true });
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
