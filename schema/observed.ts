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
  /** Names of networks attached. */
  networks: z.array(z.string()),
  /** All labels that start with `dive.`. */
  labels: z.record(z.string(), z.string()),
});
export type ObservedContainer = z.infer<typeof ObservedContainer>;

export const ObservedProject = z.object({
  containers: z.array(ObservedContainer),
  networks: z.array(z.object({ id: z.string(), name: z.string(), labels: z.record(z.string(), z.string()) })),
  volumes: z.array(z.object({ name: z.string(), labels: z.record(z.string(), z.string()) })),
});
export type ObservedProject = z.infer<typeof ObservedProject>;
