// Variables of the project: which of the caller's the files use, and what they are.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { ComposeSource } from '../../schema/spec.ts';
import type { RawModel } from './raw-model.ts';
import { asMap, listAt, textAt } from './read.ts';

const NAME = /[A-Za-z_][A-Za-z0-9_]*/g;

/** Every word of the files that may name a variable: those of Compose, of interpolation and of env files. */
export async function wordsOf(source: ComposeSource, raw: RawModel): Promise<ReadonlySet<string>> {
  const envFiles = source.envFiles.length > 0 ? source.envFiles : [path.join(source.workingDir, '.env')];
  const files = [...source.files, ...envFiles, ...serviceEnvFiles(raw.services)];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return new Set([raw.text, ...texts].flatMap((text) => text.match(NAME) ?? []));
}

/** Where the caller's logins to registries are, for pulls and builds. */
const DOCKER_CONFIG = 'DOCKER_CONFIG';

/** The caller's variables that the project can see a difference by. */
export function usedEnvironment(
  environment: Record<string, string>,
  words: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => words.has(name) || name.startsWith('COMPOSE_') || name === DOCKER_CONFIG,
    ),
  );
}

/** Names that are interpolated somewhere in the text: `$NAME` or `${NAME…}`. */
export function interpolatedNames(rawText: string): ReadonlySet<string> {
  return new Set([...rawText.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map((match) => match[1] ?? ''));
}

export function serviceEnvFiles(rawServices: JsonMap): string[] {
  return [...rawServices.values()].flatMap((service) =>
    listAt(asMap(service), 'env_file').flatMap((entry) =>
      typeof entry === 'string' ? entry : (textAt(asMap(entry), 'path') ?? []),
    ),
  );
}
