// What works, but probably not as its author thinks: warnings of the plan.
import type { Finding } from '../../schema/finding.ts';
import type { JsonMap } from '../../schema/ordered-json.ts';
import { ServiceClass } from '../../schema/service-options.ts';
import { fileObjects } from './file-objects.ts';
import type { ProjectModel } from './model.ts';
import { asMap, asText, flagAt, mapAt, mapsAt, textAt } from './read.ts';
import { dependenciesOf } from './translate-service.ts';

interface Lint {
  readonly name: string;
  readonly service: JsonMap;
  /** The service as the file has it, not interpolated. */
  readonly raw: JsonMap;
  readonly model: ProjectModel;
}

const SECRET_NAME = /(PASSWORD|PASSWD|TOKEN|SECRET|PRIVATE_KEY|API_KEY)$/;
const RULES: readonly ((lint: Lint) => Finding[])[] = [
  cutCommands,
  literalSecrets,
  powers,
  ownersOfFiles,
  restartedOneShots,
  unknownClasses,
];

export function lintServices(model: ProjectModel, rawServices: JsonMap): Finding[] {
  return [...model.services].flatMap(([name, service]) => {
    const lint = { name, service: asMap(service), raw: mapAt(rawServices, name), model };
    return RULES.flatMap((rule) => rule(lint));
  });
}

/** Compose takes a string for words, not for a shell, and drops what follows the first operator. */
function cutCommands({ name, raw }: Lint): Finding[] {
  return ['command', 'entrypoint'].flatMap((key) => {
    const written = raw.get(key);
    if (typeof written !== 'string') return [];
    const operator = /[;|<>&]+/.exec(written.replace(/'[^']*'|"(?:[^"\\]|\\.)*"|\\./g, '').replace(/\$\{[^}]*\}/g, ''));
    if (operator === null) return [];
    const message = `${key} is cut at \`${operator[0]}\`: no shell reads it; write ["sh", "-c", "…"]`;
    return [warning(`services.${name}.${key}`, message)];
  });
}

/** A value from a variable is the user's care; one in the file is in the history of the repository. */
function literalSecrets({ name, raw }: Lint): Finding[] {
  const environment = raw.get('environment');
  const pairs = Array.isArray(environment)
    ? environment.map((entry) => asText(entry).split(/=(.*)/s).slice(0, 2))
    : [...mapAt(raw, 'environment')].map(([key, value]) => [key, asText(value)]);
  const names = pairs.flatMap(([key = '', value = '']) =>
    SECRET_NAME.test(key) && value !== '' && !value.includes('$') ? [key] : [],
  );
  if (names.length === 0) return [];
  return [warning(`services.${name}.environment`, `secrets stand in the file itself: ${names.join(', ')}`)];
}

function powers({ name, service }: Lint): Finding[] {
  const findings: Finding[] = [];
  const warn = (key: string, message: string): void => void findings.push(warning(`services.${name}.${key}`, message));
  if (flagAt(service, 'privileged')) warn('privileged', 'the container may do everything on the host');
  if (textAt(service, 'pid') === 'host') warn('pid', 'the container sees every process of the host');
  if (textAt(service, 'network_mode') === 'host' && mapsAt(service, 'ports').length > 0) {
    warn('ports', 'published ports have no effect with network_mode: host');
  }
  mapsAt(service, 'volumes').forEach((volume, index) => {
    if (/(docker|containerd|podman)\.sock$/.test(textAt(volume, 'source') ?? '')) {
      warn(`volumes[${index}]`, 'who has the engine socket has the host');
    }
  });
  return findings;
}

function ownersOfFiles({ name, service, model }: Lint): Finding[] {
  return fileObjects(service, model)
    .filter(
      ({ definition, reference }) => definition.has('file') && ['uid', 'gid', 'mode'].some((key) => reference.has(key)),
    )
    .map(({ kind, source }) =>
      warning(`services.${name}.${kind}`, `uid, gid and mode of ${source} have no effect: the file keeps its own`),
    );
}

function restartedOneShots({ name, service, model }: Lint): Finding[] {
  const policy =
    textAt(mapAt(mapAt(service, 'deploy'), 'restart_policy'), 'condition') ?? textAt(service, 'restart') ?? '';
  if (!/^(always|any|unless-stopped)/.test(policy)) return [];
  const awaited = [...model.services.values()].some((other) =>
    dependenciesOf(asMap(other)).some(
      (dependency) => dependency.service === name && dependency.condition === 'service_completed_successfully',
    ),
  );
  return awaited ? [warning(`services.${name}.restart`, `restart: ${policy} starts a one-shot again and again`)] : [];
}

/** The label may be somebody else's word, so it is no error. */
function unknownClasses({ name, service }: Lint): Finding[] {
  const written = textAt(mapAt(service, 'labels'), 'dive.service.class');
  if (written === undefined || ServiceClass.safeParse(written).success) return [];
  const message = `dive.service.class ${written} counts as core; it can be ${ServiceClass.options.join(', ')}`;
  return [warning(`services.${name}.labels.dive.service.class`, message)];
}

function warning(path: string, message: string): Finding {
  return { code: 'DIVE-1105', path, message };
}
