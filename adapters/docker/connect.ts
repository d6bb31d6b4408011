// One connection to one engine; everything else in this room takes it.
// dockerode's transport without dockerode: that loads gRPC for builds, which are Compose's here.
import Modem from 'docker-modem';
import { z } from 'zod';
import { sshAgent } from './dial-ssh.ts';
import type { EngineChoice } from './engine-choice.ts';
import { EngineFailure } from './engine-failure.ts';
import { dockerConfigDir, engineHost, type EngineHost } from './engine-host.ts';
import { send, type EngineCalls, type Wire } from './request.ts';

export interface Engine extends Wire {
  /** `unix:///var/run/docker.sock` or whatever `docker` itself would use. */
  readonly host: string;
  /** API version spoken: the engine's own, at most the newest known here. */
  readonly apiVersion: string;
  /** Version of the engine. */
  readonly version: string;
  /** Its socket is a file here: paths and free space are those of this machine. */
  readonly local: boolean;
  /** Folder of the user's config.json. */
  readonly configDir: string;
  /** Calls so far, by kind. */
  readonly counts: EngineCalls;
}

/** A busy engine takes a second or two; whoever types a command should know within ten. */
const ANSWER_WITHIN_MS = 5_000;

/** Newest API these bodies were written for; a newer engine still speaks it. */
const NEWEST_API = '1.51';

const Version = z.looseObject({ ApiVersion: z.string(), Version: z.string() });

/**
 * Connects to the engine `docker` itself would use and reads its version once.
 * @throws EngineFailure DIVE-1601 (no answer), DIVE-1006 (not allowed)
 */
export async function connectEngine(choice: EngineChoice = {}): Promise<Engine> {
  const host = await engineHost(choice);
  const counts: EngineCalls = { read: 0, exec: 0, mutate: 0 };
  const way = connection(host);
  const first = { docker: { modem: new Modem(way) }, counts };
  const parsed = Version.safeParse(await firstAnswer(first, host.url));
  if (!parsed.success) throw new EngineFailure('DIVE-1601', `what answers at ${host.url} is no Docker engine`);
  const apiVersion = older(parsed.data.ApiVersion, NEWEST_API);
  return {
    docker: { modem: new Modem({ ...way, version: `v${apiVersion}` }) },
    counts,
    host: host.url,
    apiVersion,
    version: parsed.data.Version,
    local: /^(unix|npipe):/.test(host.url),
    configDir: dockerConfigDir(choice),
  };
}

/** @throws EngineFailure that names the engine which does not answer */
async function firstAnswer(wire: Wire, url: string): Promise<unknown> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    return await send(wire, { method: 'GET', path: '/version', signal: late });
  } catch (error) {
    const silent = `the Docker engine at ${url} does not answer`;
    if (late.aborted) throw new EngineFailure('DIVE-1601', `${silent}: nothing in ${ANSWER_WITHIN_MS / 1000} s`);
    if (!(error instanceof EngineFailure) || error.status !== undefined || error.code === 'DIVE-1006') throw error;
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new EngineFailure('DIVE-1601', `${silent}: ${why}`, { cause: error });
  }
}

/** Is the engine's API at least `version` (`1.44`)? */
export function speaks(engine: Engine, version: string): boolean {
  return older(engine.apiVersion, version) === version;
}

function older(a: string, b: string): string {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor) ? a : b;
}

/** `host: undefined` said aloud: docker-modem would take DOCKER_HOST of this process otherwise. */
function connection(host: EngineHost): Modem.ConstructorOptions {
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(host.url)?.[1];
  if (socket !== undefined)
    return Object.assign({ socketPath: socket, protocol: 'http' as const }, { host: undefined });
  const url = new URL(host.url.replace(/^tcp:/, host.tls === undefined ? 'http:' : 'https:'));
  // The name of the host only stands in the request: the agent knows whom to reach.
  if (url.protocol === 'ssh:') return { protocol: 'http', host: url.hostname, port: 80, agent: sshAgent(url) };
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (protocol === 'https' ? 2376 : 2375) : Number(url.port);
  return { protocol, host: url.hostname, port, ...host.tls };
}
