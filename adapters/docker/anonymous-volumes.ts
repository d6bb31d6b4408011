// A replacement takes over the anonymous volumes of what it replaces, as Compose does. Pure.
import type { CreateBody } from '../../schema/spec.ts';

export interface InheritedVolume {
  readonly name: string;
  /** Path inside the container. */
  readonly destination: string;
}

/**
 * The body with the old volumes under every anonymous mount: those of `volumes: [/x]` and those of the image.
 * @param imageVolumes paths the image declares
 */
export function inheritVolumes(
  body: CreateBody,
  imageVolumes: readonly string[],
  inherit: readonly InheritedVolume[],
): CreateBody {
  const oldName = new Map(inherit.map((volume) => [clean(volume.destination), volume.name]));
  const mounts = listOf(body.HostConfig['Mounts']).filter(isRecord);
  const taken = new Set([...mounts.map((mount) => clean(String(mount['Target']))), ...bindTargets(body)]);
  const filled = mounts.map((mount) => {
    const name = oldName.get(clean(String(mount['Target'])));
    const anonymous = mount['Type'] === 'volume' && (mount['Source'] === undefined || mount['Source'] === '');
    return anonymous && name !== undefined ? { ...mount, Source: name } : mount;
  });
  const ofImage = imageVolumes
    .filter((path) => !taken.has(clean(path)))
    .flatMap((path) => {
      const name = oldName.get(clean(path));
      return name === undefined ? [] : [{ Type: 'volume', Source: name, Target: path }];
    });
  const all = [...filled, ...ofImage];
  return all.length === 0 ? body : { ...body, HostConfig: { ...body.HostConfig, Mounts: all } };
}

/** `src:dst[:mode]` */
function bindTargets(body: CreateBody): string[] {
  return listOf(body.HostConfig['Binds']).map((bind) => clean(String(bind).split(':')[1] ?? ''));
}

function clean(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
