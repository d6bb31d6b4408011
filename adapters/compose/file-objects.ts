// secrets and configs of a service: read-only binds of host files, or content to put into the container.
import { sha256Hex } from '../../schema/digest.ts';
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { Upload } from '../../schema/spec.ts';
import type { ProjectModel } from './model.ts';
import type { Mount } from './mounts.ts';
import { mapAt, mapsAt, textAt } from './read.ts';

export type FileObjectKind = 'secrets' | 'configs';

export interface FileObject {
  readonly kind: FileObjectKind;
  /** The reference in the service, and what it refers to at the top of the file. */
  readonly reference: JsonMap;
  readonly definition: JsonMap;
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
}

export function fileObjects(service: JsonMap, model: ProjectModel): FileObject[] {
  return (['secrets', 'configs'] as const).flatMap((kind) =>
    mapsAt(service, kind).map((reference) => {
      const source = textAt(reference, 'source') ?? '';
      const target = textAt(reference, 'target') ?? source;
      const folder = kind === 'secrets' ? '/run/secrets/' : '/';
      return {
        kind,
        reference,
        definition: mapAt(model[kind], source),
        source,
        target: target.startsWith('/') ? target : folder + target,
      };
    }),
  );
}

/** Binds of files, without those whose target a volume already takes. */
export function fileMounts(objects: readonly FileObject[], takenTargets: ReadonlySet<string>): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const { kind, definition, target } of objects) {
    const file = textAt(definition, 'file');
    if (file === undefined || takenTargets.has(target) || mounts.has(target)) continue;
    // Compose gives secrets empty bind options and configs none; `docker inspect` shows the difference.
    const options = kind === 'secrets' ? { BindOptions: {} } : {};
    mounts.set(target, { Type: 'bind', Source: file, Target: target, ReadOnly: true, ...options });
  }
  return [...mounts.values()];
}

/**
 * Content to put into the container before each start. Empty content makes no file, as in Compose.
 * `variable` gives the value of an environment variable of the project.
 */
export function uploadsOf(objects: readonly FileObject[], variable: (name: string) => string | undefined): Upload[] {
  return objects.flatMap(({ definition, reference, target }) => {
    const name = textAt(definition, 'environment');
    const content = name === undefined ? textAt(definition, 'content') : variable(name);
    if (content === undefined || content === '') return [];
    return [{ path: target, content, mode: modeOf(reference), ...owner('uid', reference), ...owner('gid', reference) }];
  });
}

/** Empty when there is nothing to upload. */
export function uploadsDigest(uploads: readonly Upload[]): string {
  return uploads.length === 0 ? '' : sha256Hex(JSON.stringify(uploads));
}

function modeOf(reference: JsonMap): number {
  const mode = textAt(reference, 'mode');
  return mode === undefined ? 0o444 : Number.parseInt(mode, 8);
}

function owner(key: 'uid' | 'gid', reference: JsonMap): Partial<Record<'uid' | 'gid', number>> {
  const id = Number.parseInt(textAt(reference, key) ?? '', 10);
  return Number.isNaN(id) ? {} : { [key]: id };
}
