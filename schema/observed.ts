// What the engine shows of one project; travels through activities and is stored with the plan it was made from.
import { z } from 'zod';

export const ObservedContainer = z.object({
  id: z.string(),
  name: z.string(),
  service: z.string(),
  number: z.number().int(),
  /** Label `com.docker.compose.config-hash`. */
  configHash: z.string(),
  /** Label `com.docker.compose.image`, else the engine's own image id. */
  imageId: z.string(),
  image: z.string(),
  /** Docker's word: created, running, paused, restarting, exited, removing, dead. */
  state: z.string(),
  exitCode: z.number().int().optional(),
  /** Docker's own verdict: starting, healthy, unhealthy; absent without a health check. */
  health: z.string().optional(),
  /** Names of networks attached. */
  networks: z.array(z.string()),
  /** Ports published now; empty unless it runs, absent in what older versions stored. */
  ports: z
    .array(z.object({ port: z.number().int(), protocol: z.string(), hostIp: z.string(), hostPort: z.number().int() }))
    .optional(),
  /** All labels that start with `dive.`. */
  labels: z.record(z.string(), z.string()),
});
export type ObservedContainer = z.infer<typeof ObservedContainer>;

export const ObservedProject = z.object({
  containers: z.array(ObservedContainer),
  /** Labels of networks and volumes: those that start with `dive.` or `com.docker.compose.`. */
  networks: z.array(z.object({ id: z.string(), name: z.string(), labels: z.record(z.string(), z.string()) })),
  volumes: z.array(z.object({ name: z.string(), labels: z.record(z.string(), z.string()) })),
});
export type ObservedProject = z.infer<typeof ObservedProject>;

/** One container looked at closely; nothing of its environment or command is in here. */
export const ContainerState = z.object({
  id: z.string(),
  name: z.string(),
  /** Image id, and the reference it was created by. */
  imageId: z.string(),
  image: z.string(),
  labels: z.record(z.string(), z.string()),
  state: z.string(),
  /** Of its first process, on the engine's machine; absent unless it runs. */
  pid: z.number().int().optional(),
  exitCode: z.number().int(),
  oomKilled: z.boolean(),
  /** What the engine says about a failed start; empty otherwise. */
  error: z.string(),
  health: z.string().optional(),
  /** The engine's own latest run of the health check; milliseconds since 1970, output as it was. */
  lastCheck: z.object({ endedAtMs: z.number(), exitCode: z.number().int(), output: z.string() }).optional(),
  /** Milliseconds since 1970; absent when it never started or never ended. */
  startedAtMs: z.number().optional(),
  finishedAtMs: z.number().optional(),
  restartCount: z.number().int(),
  networks: z.array(z.string()),
  /** Ports published now; empty unless it runs. */
  ports: z.array(
    z.object({ port: z.number().int(), protocol: z.string(), hostIp: z.string(), hostPort: z.number().int() }),
  ),
  /** Its engine is on another machine: what it publishes on loopback is not reached from here. */
  elsewhere: z.literal(true).optional(),
  /** Volumes by name; `destination` is the path inside. */
  volumes: z.array(z.object({ name: z.string(), destination: z.string() })),
  /** Signal that stops it, as the engine would send it. */
  stopSignal: z.string(),
});
export type ContainerState = z.infer<typeof ContainerState>;
