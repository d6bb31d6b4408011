// Looking closely at one container or one image.
import type { ContainerState } from '../../schema/observed.ts';
import type { HealthCheck } from '../../schema/spec.ts';
import { InspectedContainer, InspectedImage, readAnswer } from './answers.ts';
import { answered } from './engine-failure.ts';
import { part, send, type Wire } from './request.ts';

/** undefined when there is no such container. `ref` is an id or a name. `local` matters to who asks its ports. */
export async function inspectContainer(
  engine: Wire & { readonly local?: boolean },
  ref: string,
  signal?: AbortSignal,
): Promise<ContainerState | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/containers/${part(ref)}/json`, signal }));
  if (answer === undefined) return undefined;
  const found = readAnswer(InspectedContainer, answer);
  const startedAtMs = timeOf(found.State.StartedAt);
  const finishedAtMs = timeOf(found.State.FinishedAt);
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ''),
    imageId: found.Image,
    image: found.Config.Image,
    labels: found.Config.Labels,
    state: found.State.Status,
    // 0 of one that does not run.
    ...(found.State.Pid ? { pid: found.State.Pid } : {}),
    exitCode: found.State.ExitCode,
    oomKilled: found.State.OOMKilled,
    error: found.State.Error,
    ...healthOf(found.State.Health),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    restartCount: found.RestartCount,
    networks: Object.keys(found.NetworkSettings.Networks ?? {}),
    ports: portsOf(found.NetworkSettings.Ports ?? {}),
    ...(engine.local === false ? { elsewhere: true } : {}),
    volumes: (found.Mounts ?? []).flatMap((mount) =>
      mount.Type === 'volume' && mount.Name !== undefined ? [{ name: mount.Name, destination: mount.Destination }] : [],
    ),
    stopSignal:
      found.Config.StopSignal === undefined || found.Config.StopSignal === '' ? 'SIGTERM' : found.Config.StopSignal,
  };
}

function healthOf(
  health: ReturnType<typeof InspectedContainer.parse>['State']['Health'],
): Pick<ContainerState, 'health' | 'lastCheck'> {
  if (!health || health.Status === 'none') return {};
  const last = health.Log?.at(-1);
  const endedAtMs = last === undefined ? undefined : timeOf(last.End);
  if (last === undefined || endedAtMs === undefined) return { health: health.Status };
  return { health: health.Status, lastCheck: { endedAtMs, exitCode: last.ExitCode, output: last.Output } };
}

export interface ImageInfo {
  /** `sha256:…` */
  readonly id: string;
  /** The check baked into the image, Docker's defaults filled in; absent when none. */
  readonly healthCheck?: HealthCheck;
  /** When the engine last gave an image this name, milliseconds since 1970; absent where it does not know. */
  readonly taggedAtMs?: number;
  /** It has a command or an entry point of its own. */
  readonly hasCommand: boolean;
  /** Paths for which every container gets an anonymous volume. */
  readonly volumes: readonly string[];
}

/** undefined when the image is not local. `ref` is a name or an id. */
export async function inspectImage(engine: Wire, ref: string): Promise<ImageInfo | undefined> {
  const answer = await orNothing(send(engine, { method: 'GET', path: `/images/${part(ref)}/json` }));
  if (answer === undefined) return undefined;
  const { Id, Config, Metadata } = readAnswer(InspectedImage, answer);
  const taggedAtMs = timeOf(Metadata?.LastTagTime ?? '');
  const healthCheck = healthCheckOf(Config?.Healthcheck);
  return {
    id: Id,
    ...(taggedAtMs === undefined ? {} : { taggedAtMs }),
    ...(healthCheck === undefined ? {} : { healthCheck }),
    hasCommand: (Config?.Cmd?.length ?? 0) + (Config?.Entrypoint?.length ?? 0) > 0,
    volumes: Object.keys(Config?.Volumes ?? {}),
  };
}

export async function imageExists(engine: Wire, ref: string): Promise<boolean> {
  return (await inspectImage(engine, ref)) !== undefined;
}

type ImageHealthcheck = NonNullable<ReturnType<typeof InspectedImage.parse>['Config']>['Healthcheck'];

/** Nanoseconds to milliseconds; 0 means the default, as for the engine. */
function healthCheckOf(check: ImageHealthcheck): HealthCheck | undefined {
  const test = check?.Test ?? [];
  if (test.length === 0 || test[0] === 'NONE') return undefined;
  const ms = (nanoseconds: number | undefined, otherwise: number): number =>
    nanoseconds === undefined || nanoseconds === 0 ? otherwise : Math.max(1, Math.round(nanoseconds / 1e6));
  return {
    test: [...test],
    intervalMs: ms(check?.Interval, 30_000),
    timeoutMs: ms(check?.Timeout, 30_000),
    startPeriodMs: ms(check?.StartPeriod, 0),
    retries: check?.Retries === undefined || check.Retries === 0 ? 3 : check.Retries,
  };
}

function portsOf(
  bindings: Readonly<Record<string, { HostIp: string; HostPort: string }[] | null | undefined>>,
): ContainerState['ports'] {
  return Object.entries(bindings).flatMap(([key, hosts]) => {
    const [port = '', protocol = 'tcp'] = key.split('/');
    return (hosts ?? []).map((host) => ({
      port: Number(port),
      protocol,
      hostIp: host.HostIp,
      hostPort: Number(host.HostPort),
    }));
  });
}

/** The engine's zero time, year 1, is "never". */
function timeOf(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

/** 404 is an answer here, not a failure. */
export async function orNothing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (answered(error, 404)) return undefined;
    throw error;
  }
}
