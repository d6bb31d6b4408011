// volumes and tmpfs → Binds, Mounts, Tmpfs. Compose prefers Binds, and uses Mounts where Binds cannot say it.
import { toPlain, type JsonMap } from '../../schema/ordered-json.ts';
import { optional } from './process-fields.ts';
import { flagAt, mapAt, mapsAt, numberAt, textAt, textsAt } from './read.ts';
import type { ProjectModel } from './model.ts';

export type Mount = Record<string, unknown>;

export interface MountFields {
  readonly binds: string[];
  readonly mounts: Mount[];
}

/** Of two entries with the same target the last one wins. */
export function mountFields(service: JsonMap, model: ProjectModel): MountFields {
  const byTarget = new Map(mapsAt(service, 'volumes').map((volume) => [textAt(volume, 'target') ?? '', volume]));
  const binds: string[] = [];
  const mounts: Mount[] = [];
  for (const volume of byTarget.values()) {
    const bind = bindText(volume, model);
    if (bind === undefined) mounts.push(mountOf(volume, model));
    else binds.push(bind);
  }
  return { binds, mounts };
}

export function tmpfsOf(service: JsonMap): Record<string, string> | undefined {
  const entries = textsAt(service, 'tmpfs');
  return (
    entries &&
    Object.fromEntries(
      entries.map((entry) => {
        const colon = entry.indexOf(':');
        return colon < 0 ? [entry, ''] : [entry.slice(0, colon), entry.slice(colon + 1)];
      }),
    )
  );
}

/** Real name of the volume that an entry of type volume names; undefined for an anonymous one. */
export function volumeName(volume: JsonMap, model: ProjectModel): string | undefined {
  const source = textAt(volume, 'source');
  if (source === undefined || textAt(volume, 'type') !== 'volume') return undefined;
  return textAt(mapAt(model.volumes, source), 'name') ?? source;
}

function bindText(volume: JsonMap, model: ProjectModel): string | undefined {
  const source = textAt(volume, 'type') === 'bind' ? bindSource(volume) : plainVolume(volume, model);
  if (source === undefined) return undefined;
  const selinux = textAt(mapAt(volume, 'bind'), 'selinux');
  const options = [flagAt(volume, 'read_only') ? 'ro' : 'rw', ...(selinux === undefined ? [] : [selinux])];
  return `${source}:${textAt(volume, 'target') ?? ''}:${options.join(',')}`;
}

function bindSource(volume: JsonMap): string | undefined {
  const bind = volume.get('bind') === undefined ? undefined : mapAt(volume, 'bind');
  const needsMount =
    bind !== undefined && (!flagAt(bind, 'create_host_path') || bind.has('propagation') || bind.has('recursive'));
  return needsMount ? undefined : textAt(volume, 'source');
}

function plainVolume(volume: JsonMap, model: ProjectModel): string | undefined {
  const options = mapAt(volume, 'volume');
  const needsMount = flagAt(options, 'nocopy') || options.has('subpath') || options.has('labels');
  return needsMount ? undefined : volumeName(volume, model);
}

function mountOf(volume: JsonMap, model: ProjectModel): Mount {
  const type = textAt(volume, 'type') ?? 'volume';
  return {
    Type: type,
    ...optional('Source', type === 'volume' ? volumeName(volume, model) : textAt(volume, 'source')),
    Target: textAt(volume, 'target') ?? '',
    ...(flagAt(volume, 'read_only') ? { ReadOnly: true } : {}),
    ...optional('Consistency', textAt(volume, 'consistency')),
    ...(type === 'bind' && volume.has('bind') ? { BindOptions: bindOptions(mapAt(volume, 'bind')) } : {}),
    ...(type === 'volume' && volume.has('volume') ? { VolumeOptions: volumeOptions(mapAt(volume, 'volume')) } : {}),
    ...(type === 'tmpfs' && volume.has('tmpfs') ? { TmpfsOptions: tmpfsOptions(mapAt(volume, 'tmpfs')) } : {}),
  };
}

function bindOptions(bind: JsonMap): Record<string, unknown> {
  const recursive = textAt(bind, 'recursive');
  return {
    ...optional('Propagation', textAt(bind, 'propagation')),
    ...(flagAt(bind, 'create_host_path') ? { CreateMountpoint: true } : {}),
    ...(recursive === 'disabled' ? { NonRecursive: true } : {}),
    ...(recursive === 'writable' ? { ReadOnlyNonRecursive: true } : {}),
    ...(recursive === 'readonly' ? { ReadOnlyForceRecursive: true } : {}),
  };
}

function volumeOptions(options: JsonMap): Record<string, unknown> {
  return {
    ...(flagAt(options, 'nocopy') ? { NoCopy: true } : {}),
    ...optional('Subpath', textAt(options, 'subpath')),
    ...(options.has('labels') ? { Labels: toPlain(mapAt(options, 'labels')) } : {}),
  };
}

function tmpfsOptions(options: JsonMap): Record<string, unknown> {
  return { ...optional('SizeBytes', numberAt(options, 'size')), ...optional('Mode', numberAt(options, 'mode')) };
}
