// The frozen form of one Compose project: what adapters/compose makes, the store keeps (encrypted) and
// adapters/docker carries out. Everything here survives JSON.
import { z } from 'zod';
import { Condition, ServiceClass, ServiceOptions } from './service-options.ts';

/** A create body of the Engine API (`POST /containers/create`), as Compose itself would send it. */
export const CreateBody = z.looseObject({
  Image: z.string(),
  Labels: z.record(z.string(), z.string()),
  HostConfig: z.looseObject({}),
});
export type CreateBody = z.infer<typeof CreateBody>;

export const Dependency = z.object({
  service: z.string(),
  condition: Condition,
  /** `required: false`: the dependant starts even when this one fails or is absent. */
  required: z.boolean(),
  /** `restart: true`: the dependant is restarted when this one is recreated. */
  restart: z.boolean(),
});
export type Dependency = z.infer<typeof Dependency>;

/** The service's own health check. Durations in milliseconds; absent values are Docker's defaults, filled in. */
export const HealthCheck = z.object({
  /** `['CMD', …]` or `['CMD-SHELL', text]`; `NONE` and `disable` are an absent health check. */
  test: z.array(z.string()).min(1),
  intervalMs: z.number().int().positive(),
  timeoutMs: z.number().int().positive(),
  startPeriodMs: z.number().int().nonnegative(),
  retries: z.number().int().positive(),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** What a container joins: the first network is part of the create body, the others are connected after create. */
export const EndpointSpec = z.object({
  network: z.string().describe('real name of the network'),
  /** Engine API EndpointSettings (Aliases, IPAMConfig, DriverOpts, Links). */
  settings: z.record(z.string(), z.unknown()),
});
export type EndpointSpec = z.infer<typeof EndpointSpec>;

/** Content put into the container after create and before each start (secrets and configs from environment or content). */
export const Upload = z.object({
  path: z.string().startsWith('/'),
  content: z.string(),
  mode: z.number().int(),
  uid: z.number().int().optional(),
  gid: z.number().int().optional(),
});
export type Upload = z.infer<typeof Upload>;

/** A command of `post_start` or `pre_stop`. */
export const Hook = z.object({
  command: z.array(z.string()).min(1),
  user: z.string().optional(),
  privileged: z.boolean(),
  workingDir: z.string().optional(),
  /** `K=V`; `K` alone removes the variable. */
  environment: z.array(z.string()),
});
export type Hook = z.infer<typeof Hook>;

export const ContainerSpec = z.object({
  /** Fixed container name: `<project>-<service>-<n>` or `container_name`. */
  name: z.string(),
  number: z.number().int().positive(),
});
export type ContainerSpec = z.infer<typeof ContainerSpec>;

export const ServiceSpec = z.object({
  name: z.string(),
  containers: z.array(ContainerSpec),
  image: z.string(),
  /** `build` as `docker compose build <service>` needs it done; the engine side runs that command. */
  build: z.boolean(),
  pullPolicy: z.enum(['missing', 'always', 'never', 'build']),
  /** `daily`, `weekly`, `every_12h`: pulled again when the last pull is older, milliseconds. */
  refresh: z.object({ policy: z.string(), afterMs: z.number().nonnegative() }).optional(),
  platform: z.string().optional(),
  /**
   * The create body common to all containers of the service. Left open until the containers exist:
   * `service:x` in NetworkMode, PidMode, IpcMode and `service:x[:ro]` in VolumesFrom. Labels hold everything Compose
   * writes except `config-hash`, `image` and `container-number`, which the engine side adds.
   */
  body: CreateBody,
  /** Endpoints in Compose's order; empty with `network_mode`. Aliases lack the container name, which the engine side puts first. */
  endpoints: z.array(EndpointSpec),
  /**
   * Compact JSON of the service as Compose hashes it (keys in order, `$$` undone, Go-escaped), with `service:x` still
   * unresolved; SHA-256 of it after resolving is the label `config-hash`.
   */
  hashInput: z.string(),
  /** Services whose containers share a namespace or volumes with this one: must exist first, their ids enter the hash. */
  sharesWith: z.array(z.string()),
  uploads: z.array(Upload),
  /** SHA-256 of everything in `uploads`: Compose's own hash does not see their content. Empty string when none. */
  uploadsDigest: z.string(),
  dependsOn: z.array(Dependency),
  healthCheck: HealthCheck.optional(),
  /** The file says `disable: true` or `NONE`: the image's own check does not count either. */
  healthCheckDisabled: z.boolean(),
  stopSignal: z.string().optional(),
  /** Whole seconds, Docker's default 10. */
  stopTimeoutS: z.number().int().nonnegative(),
  class: ServiceClass,
  options: ServiceOptions,
  /** Run inside each container after every start, in order; absent when none. */
  postStart: z.array(Hook).optional(),
  /** The same before a stop that dive asks for. */
  preStop: z.array(Hook).optional(),
});
export type ServiceSpec = z.infer<typeof ServiceSpec>;

export const NetworkSpec = z.object({
  key: z.string(),
  name: z.string(),
  external: z.boolean(),
  /** Body of `POST /networks/create` with Compose's labels; absent when external. */
  body: z.record(z.string(), z.unknown()).optional(),
});
export type NetworkSpec = z.infer<typeof NetworkSpec>;

export const VolumeSpec = z.object({
  key: z.string(),
  name: z.string(),
  external: z.boolean(),
  /** Body of `POST /volumes/create` with Compose's labels; absent when external. */
  body: z.record(z.string(), z.unknown()).optional(),
});
export type VolumeSpec = z.infer<typeof VolumeSpec>;

/** How the Compose command is called again for the same project: for builds, and to read the files anew. */
export const ComposeSource = z.object({
  /** Absolute folder of the first file (`--project-directory`). */
  workingDir: z.string(),
  /** Absolute paths in order. */
  files: z.array(z.string()),
  envFiles: z.array(z.string()),
  profiles: z.array(z.string()),
  projectName: z.string().optional(),
  /** Variables of the caller that the files interpolate, as they were; secret. */
  environment: z.record(z.string(), z.string()),
});
export type ComposeSource = z.infer<typeof ComposeSource>;

export const ProjectSpec = z.object({
  version: z.literal(1),
  project: z.string(),
  composeVersion: z.string(),
  source: ComposeSource,
  services: z.array(ServiceSpec),
  networks: z.array(NetworkSpec),
  volumes: z.array(VolumeSpec),
  /** Texts to mask wherever something is shown or kept in clear (design §5), longest first. */
  secrets: z.array(z.string()),
});
export type ProjectSpec = z.infer<typeof ProjectSpec>;
