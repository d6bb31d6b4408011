// Specs and observations for tests of the rules: small, right by default, changed by what a test is about.
import type { PlanFacts } from '../../domain/plan.ts';
import type { ObservedContainer, ObservedProject } from '../../schema/observed.ts';
import type { Dependency, ProjectSpec, ServiceSpec } from '../../schema/spec.ts';

/** A dependency as Compose writes the short form of `depends_on`. */
export function dependency(service: string, more: Partial<Dependency> = {}): Dependency {
  return { service, condition: 'service_started', required: true, restart: false, ...more };
}

/** A service of one container, `t-<name>-1`, of image `<name>:1`. */
export function serviceSpec(name: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    containers: [{ name: `t-${name}-1`, number: 1 }],
    image: `${name}:1`,
    build: false,
    pullPolicy: 'missing',
    body: { Image: `${name}:1`, Labels: {}, HostConfig: {} },
    endpoints: [{ network: 't_default', settings: {} }],
    hashInput: '{}',
    sharesWith: [],
    uploads: [],
    uploadsDigest: '',
    dependsOn: [],
    healthCheckDisabled: false,
    stopTimeoutS: 10,
    class: 'core',
    options: {},
    ...more,
  };
}

export function projectSpec(services: readonly ServiceSpec[], more: Partial<ProjectSpec> = {}): ProjectSpec {
  return {
    version: 1,
    project: 't',
    composeVersion: '2.40.3',
    source: { workingDir: '/app', files: ['/app/compose.yaml'], envFiles: [], profiles: [], environment: {} },
    services: [...services],
    networks: [],
    volumes: [],
    secrets: [],
    ...more,
  };
}

/** The container of a service as it runs when everything is as wanted. */
export function observedContainer(service: string, more: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: `id-${service}-${more.number ?? 1}`,
    name: `t-${service}-${more.number ?? 1}`,
    service,
    number: 1,
    configHash: `hash-${service}`,
    imageId: `sha256:image-${service}`,
    image: `${service}:1`,
    state: 'running',
    networks: ['t_default'],
    labels: {},
    ...more,
  };
}

export function observedProject(
  containers: readonly ObservedContainer[],
  more: Partial<ObservedProject> = {},
): ObservedProject {
  return { containers: [...containers], networks: [], volumes: [], ...more };
}

/** What is true when every service runs exactly as wanted. */
export function factsOf(project: ProjectSpec, more: Partial<PlanFacts> = {}): PlanFacts {
  return {
    observed: observedProject(project.services.map((s) => observedContainer(s.name))),
    configHash: new Map(project.services.map((s) => [s.name, `hash-${s.name}`])),
    imageId: new Map(project.services.map((s) => [s.image, `sha256:image-${s.name}`])),
    expectedMs: new Map(project.services.map((s) => [s.name, 1000])),
    build: false,
    ...more,
  };
}
