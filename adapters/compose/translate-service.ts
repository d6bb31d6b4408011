// One service of the model → what the engine needs to make its containers.
import type { JsonMap } from '../../schema/ordered-json.ts';
import { Condition, ServiceClass, type ServiceOptions } from '../../schema/service-options.ts';
import type { Dependency, ServiceSpec } from '../../schema/spec.ts';
import { refreshMs } from './duration.ts';
import { endpointsOf, linksOf, networkMode } from './endpoints.ts';
import { fileMounts, fileObjects, uploadsDigest, uploadsOf } from './file-objects.ts';
import { serviceHashInput } from './hash-input.ts';
import { hostFields } from './host-fields.ts';
import { containerLabels, type LabelContext } from './labels.ts';
import type { ProjectModel } from './model.ts';
import { mountFields, tmpfsOf } from './mounts.ts';
import { exposedPorts, portBindings } from './ports.ts';
import { optional, processFields, stopTimeoutS } from './process-fields.ts';
import { asMap, flagAt, mapAt, mapsAt, numberAt, textAt, textsAt } from './read.ts';
import { resourceFields } from './resources.ts';
import { hooksOf } from './service-hooks.ts';
import { healthCheckOf, healthDisabled } from './service-health.ts';

const DOCKER_STOP_TIMEOUT_S = 10;

export interface ServiceContext extends LabelContext {
  /** Value of an environment variable of the project, for secrets and configs that come from one. */
  readonly variable: (name: string) => string | undefined;
  readonly labelFiles: ReadonlyMap<string, readonly string[]>;
  readonly options: ReadonlyMap<string, ServiceOptions>;
  readonly proxies: ReadonlyMap<string, string>;
}

/** @throws the file system's error when a seccomp profile is missing. */
export function translateService(name: string, service: JsonMap, context: ServiceContext): ServiceSpec {
  const { model } = context;
  const image = textAt(service, 'image') ?? `${model.name}-${name}`;
  const objects = fileObjects(service, model);
  const uploads = uploadsOf(objects, context.variable);
  const healthCheck = healthCheckOf(service);
  const links = linksOf(service, model, (target) => containerNames(target, asMap(model.services.get(target)), model));
  const platform = textAt(service, 'platform');
  const stopSignal = textAt(service, 'stop_signal');
  return {
    name,
    containers: containerNames(name, service, model).map((container, index) => ({
      name: container,
      number: index + 1,
    })),
    image,
    build: service.has('build'),
    pullPolicy: pullPolicyOf(service),
    ...refreshOf(textAt(service, 'pull_policy')),
    ...(platform === undefined ? {} : { platform }),
    body: {
      ...processFields(service, context.proxies),
      Image: image,
      ExposedPorts: exposedPorts(service),
      Labels: containerLabels(name, service, context),
      HostConfig: hostConfig(service, context, objects, links),
    },
    endpoints: endpointsOf(name, service, model, links),
    hashInput: serviceHashInput(service, context.labelFiles.get(name)),
    sharesWith: sharesWith(service),
    uploads,
    uploadsDigest: uploadsDigest(uploads),
    dependsOn: dependenciesOf(service),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    healthCheckDisabled: healthDisabled(service),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    stopTimeoutS: stopTimeoutS(service) ?? DOCKER_STOP_TIMEOUT_S,
    class: ServiceClass.catch('core').parse(textAt(mapAt(service, 'labels'), 'dive.service.class')),
    options: context.options.get(name) ?? {},
    ...hooksOf(service, 'post_start', 'postStart'),
    ...hooksOf(service, 'pre_stop', 'preStop'),
  };
}

/** `scale` or `deploy.replicas`; one when both are silent. */
export function replicasOf(service: JsonMap): number {
  return numberAt(service, 'scale') ?? numberAt(mapAt(service, 'deploy'), 'replicas') ?? 1;
}

export function dependenciesOf(service: JsonMap): Dependency[] {
  return [...mapAt(service, 'depends_on')].map(([target, value]) => {
    const dependency = asMap(value);
    return {
      service: target,
      condition: Condition.catch('service_started').parse(textAt(dependency, 'condition')),
      required: dependency.get('required') !== false,
      restart: flagAt(dependency, 'restart'),
    };
  });
}

/** Services whose namespace or volumes this one uses, each once. */
export function sharesWith(service: JsonMap): string[] {
  const modes = ['network_mode', 'pid', 'ipc'].flatMap((key) => {
    const mode = textAt(service, key);
    return mode?.startsWith('service:') === true ? [mode.slice('service:'.length)] : [];
  });
  const volumes = (textsAt(service, 'volumes_from') ?? []).flatMap((entry) => {
    const [first = ''] = entry.split(':');
    return first === 'container' ? [] : [first];
  });
  return [...new Set([...modes, ...volumes])];
}

function containerNames(name: string, service: JsonMap, model: ProjectModel): string[] {
  const fixed = textAt(service, 'container_name');
  return Array.from({ length: replicasOf(service) }, (_, index) => fixed ?? `${model.name}-${name}-${index + 1}`);
}

function hostConfig(
  service: JsonMap,
  context: ServiceContext,
  objects: ReturnType<typeof fileObjects>,
  links: readonly string[],
): Record<string, unknown> {
  const { binds, mounts } = mountFields(service, context.model);
  const taken = new Set(mapsAt(service, 'volumes').map((volume) => textAt(volume, 'target') ?? ''));
  return {
    NetworkMode: networkMode(service, context.model),
    PortBindings: portBindings(service),
    Binds: binds,
    Mounts: [...mounts, ...fileMounts(objects, taken)],
    ...optional('Tmpfs', tmpfsOf(service)),
    ...(links.length === 0 ? {} : { Links: links }),
    ...hostFields(service, context.source.workingDir),
    ...resourceFields(service),
  };
}

function pullPolicyOf(service: JsonMap): ServiceSpec['pullPolicy'] {
  const policy = textAt(service, 'pull_policy');
  return policy === 'always' || policy === 'never' || policy === 'build' ? policy : 'missing';
}

function refreshOf(policy = ''): Pick<ServiceSpec, 'refresh'> {
  const afterMs = refreshMs(policy);
  return afterMs === undefined ? {} : { refresh: { policy, afterMs } };
}
