// Texts that must never be shown or kept in clear: values of environment, interpolation, build arguments, secrets, and
// what a name, a flag or a URL elsewhere in the file calls a password.
import { readFile } from 'node:fs/promises';
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { ProjectModel } from './model.ts';
import { publishedPorts } from './ports.ts';
import type { RawModel } from './raw-model.ts';
import { asMap, asText, listAt, mapAt, mapsAt, pairsAt, textAt, textsAt } from './read.ts';
import { secretForms } from './secret-forms.ts';
import { isSecretName, secretsInText, secretsInWords, urlPasswords } from './secret-words.ts';
import { interpolatedNames } from './variables.ts';

/** Shorter ones would blacken ordinary words and say little. */
const MIN_LENGTH = 8;
/** Of a bundle of certificates each line is masked as it is, and no more. */
const MANY_LINES = 50;
/** Variables of every shell, which say nothing secret but stand in many paths. */
const ORDINARY: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'PWD',
  'USER',
  'LOGNAME',
  'SHELL',
  'HOSTNAME',
  'TERM',
  'LANG',
]);

/** Longest first, each in every form of `secretForms`, without what the files show publicly anyway. */
export async function textsToMask(
  model: ProjectModel,
  raw: RawModel,
  variables: ReadonlyMap<string, string>,
  proxies: ReadonlyMap<string, string>,
): Promise<string[]> {
  const values = [
    // A proxy is a secret when it is called with a password.
    ...[...proxies.values()].filter((value) => value.includes('@')),
    ...[...model.services].flatMap(([name, service]) => serviceValues(asMap(service), mapAt(raw.services, name))),
    ...[...interpolatedNames(raw.text)].flatMap((name) => (ORDINARY.has(name) ? [] : (variables.get(name) ?? []))),
    ...(await fileObjectValues(model.secrets, variables)),
    ...(await fileObjectValues(model.configs, variables, false)),
    ...[...model.volumes.values(), ...model.networks.values()].flatMap((value) => objectValues(asMap(value))),
  ];
  const open = publicTexts(model);
  const isSecret = (text: string): boolean => text.length >= MIN_LENGTH && !open.has(text);
  const whole = values.flatMap((value) => [value.trim(), ...urlPasswords(value)]).filter(isSecret);
  const pieces = values.flatMap((value) => {
    const all = lines(value).filter(isSecret);
    return all.length > MANY_LINES ? all : all.flatMap(secretForms);
  });
  const forms = [...new Set(whole)].flatMap(secretForms);
  return [...new Set([...forms, ...pieces])].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function serviceValues(service: JsonMap, raw: JsonMap): string[] {
  const environment = [...mapAt(service, 'environment').values()].map(asText);
  const hooks = [...mapsAt(service, 'post_start'), ...mapsAt(service, 'pre_stop')];
  const hookValues = hooks.flatMap((hook) => [
    ...pairsAt(hook, 'environment').map(([, value]) => value),
    ...secretsInWords(textsAt(hook, 'command') ?? []),
  ]);
  const buildArguments = [...mapAt(mapAt(service, 'build'), 'args').values()].map(asText);
  return [
    ...environment,
    ...hookValues,
    ...buildArguments,
    ...argumentValues(service, raw, 'command'),
    ...argumentValues(service, raw, 'entrypoint'),
    ...secretsInWords(textsAt(mapAt(service, 'healthcheck'), 'test') ?? []),
    ...mapsAt(mapAt(raw, 'x-dive'), 'probes').flatMap((probe) => secretsInWords(probeWords(probe))),
    ...namedValues(service, 'labels'),
    ...namedValues(service, 'annotations'),
    ...namedValues(mapAt(service, 'logging'), 'options'),
  ];
}

/** `exec` of a probe is a line for a shell or a list of words. */
function probeWords(probe: JsonMap): string[] {
  const line = textAt(probe, 'exec');
  return line === undefined ? (textsAt(probe, 'exec') ?? []) : ['sh', '-c', `${line} `];
}

/** Of a volume or a network. */
function objectValues(object: JsonMap): string[] {
  return [...namedValues(object, 'labels'), ...namedValues(object, 'driver_opts')];
}

/** Values that their name, or a name inside them, calls secret. */
function namedValues(map: JsonMap, key: string): string[] {
  return pairsAt(map, key).flatMap(([name, value]) => (isSecretName(name) ? [value] : secretsInText(value)));
}

/** Arguments that came from a variable, and what follows a flag such as `--password`, a name, or stands in a URL. */
function argumentValues(service: JsonMap, raw: JsonMap, key: string): string[] {
  const words = textsAt(service, key) ?? [];
  const written = raw.get(key);
  const text = typeof written === 'string' ? written : listAt(raw, key).map(asText).join('\n');
  const interpolated = words.flatMap((word) =>
    text.includes('$') && !text.includes(word) ? [word, ...word.split('=').slice(1)] : [],
  );
  return [...interpolated, ...secretsInWords(words)];
}

async function fileObjectValues(
  objects: JsonMap,
  variables: ReadonlyMap<string, string>,
  withFiles = true,
): Promise<string[]> {
  const values = await Promise.all(
    [...objects.values()].map(async (value) => {
      const object = asMap(value);
      const name = textAt(object, 'environment');
      if (name !== undefined) return variables.get(name) ?? '';
      const file = textAt(object, 'file');
      // A configuration file is no secret; a missing secret file is found elsewhere.
      return file === undefined || !withFiles ? '' : readFile(file, 'utf8').catch(() => '');
    }),
  );
  return values;
}

function publicTexts(model: ProjectModel): ReadonlySet<string> {
  const texts = [model.name, ...model.networks.keys(), ...model.volumes.keys()];
  for (const [name, value] of model.services) {
    const service = asMap(value);
    texts.push(name, `${model.name}-${name}`);
    for (const key of ['image', 'hostname', 'container_name', 'domainname', 'user', 'working_dir']) {
      texts.push(textAt(service, key) ?? '');
    }
    texts.push(
      ...publishedPorts(service).map((port) => port.published),
      ...pairsAt(service, 'networks').map(([key]) => key),
    );
  }
  return new Set(texts);
}

/** A log shows one line at a time; the frame of a PEM file is no secret. */
function lines(value: string): string[] {
  if (!value.includes('\n')) return [];
  return value.split(/\r?\n/).flatMap((line) => (line.startsWith('-----') ? [] : line.trim()));
}
