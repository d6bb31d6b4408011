// What `docker compose config` accepts and the engine or Compose refuse later.
import type { Finding } from '../../schema/finding.ts';
import { isJsonMap, type JsonMap } from '../../schema/ordered-json.ts';
import { refreshMs } from './duration.ts';
import { fileObjects } from './file-objects.ts';
import type { ProjectModel } from './model.ts';
import { asMap, flagAt, mapsAt, textAt, textsAt } from './read.ts';
import { healthDisabled } from './service-health.ts';
import { dependenciesOf, replicasOf } from './translate-service.ts';

type Check = (name: string, service: JsonMap, model: ProjectModel) => Finding[];

const MOUNT_TYPES: ReadonlySet<string> = new Set(['bind', 'volume', 'tmpfs']);
const PULL_POLICIES = /^(missing|if_not_present|always|never|build)$/;
const CHECKS: readonly Check[] = [mounts, uploadsIntoReadOnly, scaledTargets, healthWithoutCheck, values];

export function serviceProblems(model: ProjectModel): Finding[] {
  return [...model.services].flatMap(([name, service]) =>
    CHECKS.flatMap((check) => check(name, asMap(service), model)),
  );
}

function mounts(name: string, service: JsonMap): Finding[] {
  return mapsAt(service, 'volumes').flatMap((volume, index) => {
    const path = `services.${name}.volumes[${index}]`;
    const type = textAt(volume, 'type') ?? 'volume';
    if (!MOUNT_TYPES.has(type)) return [refused(path, `mounts of type ${type} are not supported`)];
    // A volume key of one letter in the short syntax is read as a Windows path.
    if (!/^[A-Za-z]:[/\\]/.test(textAt(volume, 'target') ?? '')) return [];
    return [
      invalid(path, `${textAt(volume, 'target') ?? ''} is read as a Windows path: give the volume a longer name`),
    ];
  });
}

function uploadsIntoReadOnly(name: string, service: JsonMap, model: ProjectModel): Finding[] {
  if (!flagAt(service, 'read_only')) return [];
  return fileObjects(service, model)
    .filter(({ definition }) => !definition.has('file'))
    .map(({ kind, source }) =>
      refused(`services.${name}.${kind}`, `${source} cannot be written into a read-only service: only \`file\` works`),
    );
}

function scaledTargets(name: string, service: JsonMap, model: ProjectModel): Finding[] {
  const targets = [
    ...(textsAt(service, 'volumes_from') ?? []).map((entry) => ['volumes_from', entry] as const),
    ...(textsAt(service, 'links') ?? []).map((entry) => ['links', entry] as const),
  ];
  return targets.flatMap(([key, entry]) => {
    const [target = ''] = entry.split(':');
    const other = model.services.get(target);
    if (!isJsonMap(other) || replicasOf(other) === 1) return [];
    return [
      refused(`services.${name}.${key}`, `${target} has not exactly one container, so which one is meant changes`),
    ];
  });
}

/** A check that the image brings is seen only at the engine; see `needsImageHealthCheck`. */
function healthWithoutCheck(name: string, service: JsonMap, model: ProjectModel): Finding[] {
  return dependenciesOf(service)
    .filter((dependency) => dependency.condition === 'service_healthy' && dependency.required)
    .filter((dependency) => healthDisabled(asMap(model.services.get(dependency.service))))
    .map((dependency) =>
      invalid(
        `services.${name}.depends_on.${dependency.service}.condition`,
        `${dependency.service} has its health check disabled, so it never becomes healthy`,
      ),
    );
}

function values(name: string, service: JsonMap): Finding[] {
  const findings: Finding[] = [];
  const policy = textAt(service, 'pull_policy');
  if (policy !== undefined && !PULL_POLICIES.test(policy) && refreshMs(policy) === undefined) {
    findings.push(refused(`services.${name}.pull_policy`, `pull policy ${policy} is not supported`));
  }
  if (textAt(service, 'uts') === 'host' && service.has('hostname')) {
    findings.push(invalid(`services.${name}.hostname`, 'with uts: host the container has the host name of the host'));
  }
  return findings;
}

function refused(path: string, message: string): Finding {
  return { code: 'DIVE-1106', path, message };
}

function invalid(path: string, message: string): Finding {
  return { code: 'DIVE-1105', path, message };
}
