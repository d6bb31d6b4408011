// The labels by which Compose finds its own: containers here, networks and volumes in objects.ts.
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { ComposeSource } from '../../schema/spec.ts';
import type { ProjectModel } from './model.ts';
import { asMap, flagAt, mapAt, pairsAt, textAt } from './read.ts';

export const COMPOSE = 'com.docker.compose.';

export interface LabelContext {
  readonly project: string;
  readonly composeVersion: string;
  readonly source: ComposeSource;
  readonly model: ProjectModel;
}

/** Everything but `config-hash`, `image` and `container-number`, which need the engine. */
export function containerLabels(name: string, service: JsonMap, context: LabelContext): Record<string, string> {
  const { source } = context;
  return Object.fromEntries([
    ...pairsAt(service, 'labels'),
    [`${COMPOSE}project`, context.project],
    [`${COMPOSE}service`, name],
    [`${COMPOSE}oneoff`, 'False'],
    [`${COMPOSE}version`, context.composeVersion],
    [`${COMPOSE}project.working_dir`, source.workingDir],
    [`${COMPOSE}project.config_files`, source.files.join(',')],
    ...(source.envFiles.length === 0 ? [] : [[`${COMPOSE}project.environment_file`, source.envFiles.join(',')]]),
    [`${COMPOSE}depends_on`, dependsOnLabel(service, context.model)],
  ]);
}

/** Without optional dependencies whose profile is not active. */
function dependsOnLabel(service: JsonMap, model: ProjectModel): string {
  return [...mapAt(service, 'depends_on')]
    .filter(([target]) => model.services.has(target))
    .map(([target, value]) => {
      const dependency = asMap(value);
      return `${target}:${textAt(dependency, 'condition') ?? 'service_started'}:${flagAt(dependency, 'restart')}`;
    })
    .join(',');
}
