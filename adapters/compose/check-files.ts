// Files and variables that only the engine would miss, when containers are being made already.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../schema/finding.ts';
import type { JsonMap } from '../../schema/ordered-json.ts';
import { fileObjects, type FileObject } from './file-objects.ts';
import { seccompFile } from './host-fields.ts';
import type { ProjectModel } from './model.ts';
import { asMap, flagAt, mapAt, mapsAt, textAt, textsAt } from './read.ts';

/** `variable` gives the value of an environment variable of the project. */
export async function missingFiles(
  model: ProjectModel,
  workingDir: string,
  variable: (name: string) => string | undefined,
): Promise<Finding[]> {
  const checks = [...model.services].map(async ([name, value]) => {
    const service = asMap(value);
    const objects = fileObjects(service, model);
    const found = await Promise.all([
      ...objects.map((object) => fileObjectProblem(name, object, variable)),
      ...mapsAt(service, 'volumes').map((volume, index) => bindProblem(name, volume, index)),
      ...(textsAt(service, 'security_opt') ?? []).map((option) => seccompProblem(name, option, workingDir)),
    ]);
    return found.flatMap((finding) => finding ?? []);
  });
  const findings = (await Promise.all(checks)).flat();
  // A secret that five services use is missing once.
  return findings.filter((one, index) => findings.findIndex(({ path: at }) => at === one.path) === index);
}

async function fileObjectProblem(
  service: string,
  { kind, source, definition }: FileObject,
  variable: (name: string) => string | undefined,
): Promise<Finding | undefined> {
  const what = kind === 'secrets' ? 'secret' : 'config';
  const name = textAt(definition, 'environment');
  if (name !== undefined && variable(name) === undefined) {
    const message = `variable ${name} of ${what} ${source} is not set (service ${service})`;
    return { code: 'DIVE-1004', path: `${kind}.${source}.environment`, message };
  }
  const file = textAt(definition, 'file');
  if (file === undefined || (await exists(file))) return undefined;
  return missing(`${kind}.${source}.file`, `file of ${what} ${source} not found: ${file} (service ${service})`);
}

async function bindProblem(service: string, volume: JsonMap, index: number): Promise<Finding | undefined> {
  const source = textAt(volume, 'source');
  if (textAt(volume, 'type') !== 'bind' || source === undefined) return undefined;
  const at = `services.${service}.volumes[${index}]`;
  const problem = await folderProblem(source);
  if (problem !== undefined) return missing(at, problem);
  // The engine makes a missing source only when it is asked to, and never for a mount with options.
  const bind = mapAt(volume, 'bind');
  const made =
    !volume.has('bind') || (flagAt(bind, 'create_host_path') && !bind.has('propagation') && !bind.has('recursive'));
  if (made || (await exists(source))) return undefined;
  return missing(at, `source of the mount not found: ${source}`);
}

/** A file where the engine would have to make a folder. */
async function folderProblem(source: string): Promise<string | undefined> {
  const error = await stat(source).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTDIR' ? `a part of the path ${source} is a file, not a folder` : undefined;
}

async function seccompProblem(service: string, option: string, workingDir: string): Promise<Finding | undefined> {
  const file = seccompFile(option);
  if (file === undefined || (await exists(path.resolve(workingDir, file)))) return undefined;
  return missing(`services.${service}.security_opt`, `seccomp profile not found: ${path.resolve(workingDir, file)}`);
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function missing(at: string, message: string): Finding {
  return { code: 'DIVE-1107', path: at, message };
}
