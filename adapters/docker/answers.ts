// The parts of the engine's answers that are read; everything else passes unseen.
import { z } from 'zod';
import { EngineFailure } from './engine-failure.ts';

/** The engine says null for none. */
export const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

/** One entry of `GET /containers/json`. */
export const ListedContainer = z.object({
  Id: z.string(),
  Names: z
    .array(z.string())
    .nullish()
    .transform((names) => names ?? []),
  Image: z.string(),
  ImageID: z.string(),
  Labels,
  State: z.string(),
  /** `Exited (3) 5 seconds ago`, `Up 2 minutes (healthy)`: the list has exit code and health nowhere else. */
  Status: z.string(),
  Ports: z
    .array(
      z.object({
        IP: z.string().optional(),
        PrivatePort: z.number(),
        PublicPort: z.number().optional(),
        Type: z.string(),
      }),
    )
    .nullish()
    .transform((ports) => ports ?? []),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).optional(),
});
export type ListedContainer = z.infer<typeof ListedContainer>;

/** `GET /containers/{id}/json`. */
export const InspectedContainer = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  Config: z.object({ Image: z.string(), Labels, StopSignal: z.string().optional() }),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Pid: z.number().optional(),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
    Error: z.string(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: z
      .object({
        Status: z.string(),
        Log: z.array(z.object({ End: z.string(), ExitCode: z.number(), Output: z.string() })).nullish(),
      })
      .nullish(),
  }),
  Mounts: z.array(z.object({ Type: z.string(), Name: z.string().optional(), Destination: z.string() })).nullish(),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.unknown()).nullish(),
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullish()).nullish(),
  }),
});

export const ListedNetwork = z.object({ Id: z.string(), Name: z.string(), Labels });
export const ListedVolume = z.object({ Name: z.string(), Labels });
export const ListedVolumes = z.object({
  Volumes: z
    .array(ListedVolume)
    .nullish()
    .transform((volumes) => volumes ?? []),
});
export const Created = z.object({ Id: z.string() });

export const InspectedImage = z.object({
  Id: z.string(),
  Metadata: z.object({ LastTagTime: z.string().nullish() }).nullish(),
  Config: z
    .object({
      Cmd: z.array(z.string()).nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Volumes: z.record(z.string(), z.unknown()).nullish(),
      Healthcheck: z
        .object({
          Test: z.array(z.string()).nullish(),
          Interval: z.number().optional(),
          Timeout: z.number().optional(),
          StartPeriod: z.number().optional(),
          Retries: z.number().optional(),
        })
        .nullish(),
    })
    .nullish(),
});

export const Info = z.object({ DockerRootDir: z.string(), NCPU: z.number(), MemTotal: z.number() });
export const ExecInspected = z.object({ ExitCode: z.number().nullish(), Running: z.boolean() });

/** @throws EngineFailure DIVE-1201 when the engine answers something else than its API says. */
export function readAnswer<T>(shape: z.ZodType<T>, answer: unknown): T {
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new EngineFailure('DIVE-1201', `the engine's answer is not as its API says: ${where}`, { cause: parsed.error });
}
