// HostConfig: what the engine grants the container beyond limits and networks.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { toPlain, type Json, type JsonMap } from '../../schema/ordered-json.ts';
import { optional } from './process-fields.ts';
import { asText, flagAt, mapAt, numberAt, textAt, textsAt } from './read.ts';

export function hostFields(service: JsonMap, workingDir: string): Record<string, unknown> {
  return {
    RestartPolicy: restartPolicy(service),
    Privileged: flagAt(service, 'privileged'),
    ReadonlyRootfs: flagAt(service, 'read_only'),
    Init: service.get('init') ?? null,
    PidMode: textAt(service, 'pid') ?? '',
    IpcMode: textAt(service, 'ipc') ?? '',
    UTSMode: textAt(service, 'uts') ?? '',
    UsernsMode: textAt(service, 'userns_mode') ?? '',
    CgroupnsMode: textAt(service, 'cgroup') ?? '',
    ...optional('Runtime', textAt(service, 'runtime')),
    ...optional('CapAdd', capabilities(service, 'cap_add')),
    ...optional('CapDrop', capabilities(service, 'cap_drop')),
    ...securityFields(service, workingDir),
    ...optional('Dns', textsAt(service, 'dns')),
    ...optional('DnsSearch', textsAt(service, 'dns_search')),
    ...optional('DnsOptions', textsAt(service, 'dns_opt')),
    // An address may hold further `=`: only the first one separates.
    ...optional(
      'ExtraHosts',
      textsAt(service, 'extra_hosts')?.map((host) => host.replace('=', ':')),
    ),
    ...optional('GroupAdd', textsAt(service, 'group_add')),
    ...optional('Sysctls', plain(service.get('sysctls'))),
    ...optional('StorageOpt', plain(service.get('storage_opt'))),
    ...optional('Annotations', plain(service.get('annotations'))),
    ...optional('LogConfig', logConfig(service)),
    ...optional('VolumesFrom', textsAt(service, 'volumes_from')),
  };
}

/** As Go's Docker client sends them: upper case, prefixed, each once, sorted. */
function capabilities(service: JsonMap, key: string): string[] | undefined {
  const names = textsAt(service, key)?.map((name) => {
    const upper = name.toUpperCase();
    return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  });
  return names && [...new Set(names)].sort();
}

function restartPolicy(service: JsonMap): Record<string, unknown> {
  const policy = mapAt(service, 'deploy').get('restart_policy');
  if (policy !== undefined && policy !== null)
    return deployRestartPolicy(mapAt(mapAt(service, 'deploy'), 'restart_policy'));
  const [name = '', attempts = '0'] = (textAt(service, 'restart') ?? '').split(':');
  return { Name: name, MaximumRetryCount: Number(attempts) };
}

function deployRestartPolicy(policy: JsonMap): Record<string, unknown> {
  const condition = textAt(policy, 'condition') ?? '';
  const names: ReadonlyMap<string, string> = new Map([
    ['none', 'no'],
    ['any', 'always'],
  ]);
  return { Name: names.get(condition) ?? condition, MaximumRetryCount: numberAt(policy, 'max_attempts') ?? 0 };
}

/** A seccomp profile is sent as its content. @throws the file system's error when the file is missing. */
function securityFields(service: JsonMap, workingDir: string): Record<string, unknown> {
  const options = textsAt(service, 'security_opt');
  if (options === undefined) return {};
  const unconfined = options.includes('systempaths=unconfined');
  return {
    SecurityOpt: options
      .filter((option) => option !== 'systempaths=unconfined')
      .map((option) => {
        const file = seccompFile(option);
        return file === undefined
          ? option
          : `seccomp=${compactJson(readFileSync(path.resolve(workingDir, file), 'utf8'))}`;
      }),
    ...(unconfined ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

/** Path of the seccomp profile that a security option names. */
export function seccompFile(option: string): string | undefined {
  const file = /^seccomp[=:](.+)$/s.exec(option)?.[1];
  return file === undefined || file === 'unconfined' || file === 'builtin' ? undefined : file;
}

function compactJson(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

function logConfig(service: JsonMap): Record<string, unknown> | undefined {
  if (!service.has('logging')) return undefined;
  const logging = mapAt(service, 'logging');
  const options = Object.fromEntries([...mapAt(logging, 'options')].map(([key, value]) => [key, asText(value)]));
  return { Type: textAt(logging, 'driver') ?? '', Config: options };
}

function plain(value: Json | undefined): unknown {
  return value === undefined || value === null ? undefined : toPlain(value);
}
