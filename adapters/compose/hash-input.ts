// What Compose hashes, as the very JSON text that it hashes. The command's own `--hash` is wrong for services with
// env files and shared namespaces, so `docker compose up` would recreate them.
import { printOrdered, type Json, type JsonMap } from '../../schema/ordered-json.ts';
import { asMap } from './read.ts';

const NOT_HASHED: ReadonlySet<string> = new Set(['build', 'pull_policy', 'scale', 'depends_on', 'profiles']);

/** `service:x` stays unresolved. `labelFiles` are gone from the printed model but count. */
export function serviceHashInput(service: JsonMap, labelFiles: readonly string[] = []): string {
  const entries = new Map<string, Json>();
  for (const [key, value] of service) {
    if (NOT_HASHED.has(key)) continue;
    entries.set(key, key === 'deploy' ? without(asMap(value), 'replicas') : value);
    if (key === 'labels' && labelFiles.length > 0) entries.set('label_file', [...labelFiles]);
  }
  return printOrdered(entries);
}

export function networkHashInput(network: JsonMap): string {
  return printOrdered(network);
}

/** Compose fills in the driver after the name before it hashes. */
export function volumeHashInput(volume: JsonMap): string {
  if (volume.has('driver')) return printOrdered(volume);
  return printOrdered(
    new Map(
      [...volume].flatMap((entry): [string, Json][] => (entry[0] === 'name' ? [entry, ['driver', 'local']] : [entry])),
    ),
  );
}

function without(map: JsonMap, key: string): JsonMap {
  return new Map([...map].filter(([name]) => name !== key));
}
