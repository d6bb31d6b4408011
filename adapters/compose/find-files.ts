// Finds the Compose files of a folder as Compose does: this folder, then its parents.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../schema/finding.ts';
import type { ComposeSource } from '../../schema/spec.ts';
import { readDotEnv } from './dot-env.ts';

/** In this order; the first one that exists is taken. */
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export interface FindRequest {
  /** Absolute folder of the caller. */
  readonly folder: string;
  /** As `-f`, relative to the folder; empty to look for them. */
  readonly files?: readonly string[];
  /** As `--env-file`. */
  readonly envFiles?: readonly string[];
  /** As `--profile`. */
  readonly profiles?: readonly string[];
  /** As `-p`. */
  readonly projectName?: string;
  readonly environment: Record<string, string>;
}

export type FindResult =
  { readonly kind: 'found'; readonly source: ComposeSource } | { readonly kind: 'missing'; readonly finding: Finding };

/** What `docker compose` in that folder would use. The environment wins over `.env`, arguments win over both. */
export async function findComposeFiles(request: FindRequest): Promise<FindResult> {
  const { folder, environment } = request;
  const listed = request.envFiles?.length ? request.envFiles : (environment['COMPOSE_ENV_FILES'] ?? '').split(',');
  const envFiles = listed.filter((file) => file !== '').map((file) => path.resolve(folder, file));
  const missingEnvFile = await firstMissing(envFiles);
  if (missingEnvFile !== undefined) return missing('DIVE-1107', missingEnvFile, `env file ${missingEnvFile} not found`);
  const files = await namedFiles(request, envFiles);
  const missingFile = await firstMissing(files);
  if (missingFile !== undefined) return missing('DIVE-1102', missingFile, `no such Compose file: ${missingFile}`);
  const found = files.length > 0 ? files : await searchUp(folder);
  const [first] = found;
  if (first === undefined) return missing('DIVE-1102', undefined, `no Compose file in ${folder} or above it`);

  const workingDir = path.dirname(first);
  const dotEnv = await variablesOf(envFiles, workingDir);
  const value = (name: string): string | undefined => environment[name] ?? dotEnv.get(name);
  const profiles = request.profiles?.length ? request.profiles : (value('COMPOSE_PROFILES') ?? '').split(',');
  const projectName = request.projectName ?? value('COMPOSE_PROJECT_NAME');
  return {
    kind: 'found',
    source: {
      workingDir,
      files: found,
      envFiles,
      profiles: profiles.map((profile) => profile.trim()).filter((profile) => profile !== ''),
      ...(projectName === undefined || projectName === '' ? {} : { projectName }),
      environment: { ...(await callersDotEnv(request, workingDir, envFiles)), ...environment },
    },
  };
}

/** By argument, or by COMPOSE_FILE of the environment or `.env` of the folder. */
async function namedFiles(request: FindRequest, envFiles: readonly string[]): Promise<string[]> {
  const { folder, environment } = request;
  if (request.files !== undefined && request.files.length > 0)
    return request.files.map((file) => path.resolve(folder, file));
  const dotEnv = await variablesOf(envFiles, folder);
  const listed = environment['COMPOSE_FILE'] ?? dotEnv.get('COMPOSE_FILE') ?? '';
  const separator = environment['COMPOSE_PATH_SEPARATOR'] ?? dotEnv.get('COMPOSE_PATH_SEPARATOR') ?? path.delimiter;
  return listed
    .split(separator)
    .filter((file) => file !== '')
    .map((file) => path.resolve(folder, file));
}

async function searchUp(folder: string): Promise<string[]> {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = await firstPresent(NAMES.map((name) => path.join(at, name)));
    if (file !== undefined) {
      const override = await firstPresent(OVERRIDES.map((name) => path.join(at, name)));
      return override === undefined ? [file] : [file, override];
    }
    if (at === path.dirname(at)) return [];
  }
}

async function variablesOf(envFiles: readonly string[], folder: string): Promise<ReadonlyMap<string, string>> {
  const files = envFiles.length > 0 ? envFiles : [path.join(folder, '.env')];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return new Map(texts.flatMap((text) => [...readDotEnv(text)]));
}

/** Without `-f` Compose reads `.env` of the caller's folder too, and lets it win over the project's own. */
async function callersDotEnv(
  { folder, files = [] }: FindRequest,
  workingDir: string,
  envFiles: readonly string[],
): Promise<Record<string, string>> {
  const counts = files.length === 0 && envFiles.length === 0 && folder !== workingDir;
  return counts ? Object.fromEntries(await variablesOf([], folder)) : {};
}

async function firstMissing(files: readonly string[]): Promise<string | undefined> {
  const present = await Promise.all(files.map(isFile));
  return files.find((_, index) => present[index] === false);
}

async function firstPresent(files: readonly string[]): Promise<string | undefined> {
  const present = await Promise.all(files.map(isFile));
  return files.find((_, index) => present[index] === true);
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => !found.isDirectory(),
    () => false,
  );
}

function missing(code: Finding['code'], file: string | undefined, message: string): FindResult {
  return { kind: 'missing', finding: { code, ...(file === undefined ? {} : { file }), message } };
}
