// The services as the files have them, before variables are replaced: for `x-dive` and for where a value came from.
import { isJsonMap, parseOrdered, printOrdered, type Json, type JsonMap } from '../../schema/ordered-json.ts';
import type { CommandResult } from './compose-command.ts';
import { readYamlFiles } from './positions.ts';
import { asMap, mapAt } from './read.ts';

export interface RawModel {
  readonly text: string;
  readonly services: JsonMap;
}

/**
 * From the output of `config --no-interpolate`. That fails where a path in the files holds a variable; then the files
 * are read here, without what `extends` brings.
 */
export async function readRawModel(
  result: CommandResult,
  files: readonly string[],
  variable: (name: string) => string | undefined,
): Promise<RawModel> {
  if (result.exitCode === 0) return { text: result.stdout, services: servicesOf(result.stdout) };
  const services = new Map<string, Json>();
  for (const { document } of await readYamlFiles(files, variable)) {
    const content: unknown = document.toJS();
    for (const [name, service] of servicesOf(JSON.stringify(content ?? null))) {
      services.set(name, new Map([...asMap(services.get(name)), ...asMap(service)]));
    }
  }
  return { text: printOrdered(services), services };
}

function servicesOf(text: string): JsonMap {
  const root = parseOrdered(text);
  return isJsonMap(root) ? mapAt(root, 'services') : new Map();
}
