// The parts of `docker compose config --format json`, `$$` undone, in the order printed.
import { isJsonMap, parseOrdered, type JsonMap } from '../../schema/ordered-json.ts';
import { mapAt, textAt } from './read.ts';

export interface ProjectModel {
  readonly name: string;
  readonly services: JsonMap;
  readonly networks: JsonMap;
  readonly volumes: JsonMap;
  readonly secrets: JsonMap;
  readonly configs: JsonMap;
}

/** @throws SyntaxError when `text` is no JSON object. */
export function readModel(text: string): ProjectModel {
  // The command doubles every `$` of its output, names and values alike.
  const root = parseOrdered(text.replaceAll('$$', '$'));
  if (!isJsonMap(root)) throw new SyntaxError('the model is no object');
  return {
    name: textAt(root, 'name') ?? '',
    services: mapAt(root, 'services'),
    networks: mapAt(root, 'networks'),
    volumes: mapAt(root, 'volumes'),
    secrets: mapAt(root, 'secrets'),
    configs: mapAt(root, 'configs'),
  };
}
