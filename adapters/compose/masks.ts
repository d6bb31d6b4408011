// Texts that must never be shown or kept in clear: values of environment, interpolation, build arguments, secrets.
import { readFile } from 'node:fs/promises';
import type { JsonMap } from '../../schema/ordered-json.ts';
import type { ProjectModel } from './model.ts';
import { publishedPorts } from './ports.ts';
import type { RawModel } from './raw-model.ts';
import { asMap, asText, listAt, mapAt, mapsAt, pairsAt, textAt, textsAt } from './read.ts';
import { interpolatedNames } from './variables.ts';

/** Shorter ones would blacken ordinary words and say little. */
const MIN_LENGTH = 8;
const SECRET_FLAG = /^-.*(password|passwd|token|key|secret)/i;
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

/** Longest first, each also in base64 and URL form, without what the files show publicly anyway. */
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
  ];
  const open = publicTexts(model);
  const isSecret = (text: string): boolean => text.length >= MIN_LENGTH && !open.has(text);
  const whole = values.map((value) => value.trim()).filter(isSecret);
  const pieces = values.flatMap(lines).filter(isSecret);
  return [...new Set([...whole.flatMap(forms), ...pieces])].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function serviceValues(service: JsonMap, raw: JsonMap): string[] {
  const environment = [...mapAt(service, 'environment').values()].map(asText);
  const hooks = [...mapsAt(service, 'post_start'), ...mapsAt(service, 'pre_stop')];
  const hookValues = hooks.flatMap((hook) => pairsAt(hook, 'environment').map(([, value]) => value));
  const buildArguments = [...mapAt(mapAt(service, 'build'), 'args').values()].map(asText);
  return [
    ...environment,
    ...hookValues,
    ...buildArguments,
    ...argumentValues(service, raw, 'command'),
    ...argumentValues(service, raw, 'entrypoint'),
  ];
}

/** Arguments that came from a variable, and what follows a flag such as `--password`. */
function argumentValues(service: JsonMap, raw: JsonMap, key: string): string[] {
  const words = textsAt(service, key) ?? [];
  const written = raw.get(key);
  const text = typeof written === 'string' ? written : listAt(raw, key).map(asText).join('\n');
  return words.flatMap((word, index) => {
    if (text.includes('$') && !text.includes(word)) return [word, ...word.split('=').slice(1)];
    const [flag = '', ...value] = word.split('=');
    if (SECRET_FLAG.test(flag) && value.length > 0) return [value.join('=')];
    return SECRET_FLAG.test(words[index - 1] ?? '') && !word.startsWith('-') ? [word] : [];
  });
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

/** As it is, in base64 (without padding, so that it is found with and without) and in URLs. */
function forms(text: string): string[] {
  return [text, Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, ''), encodeURIComponent(text)];
}
