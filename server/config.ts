// The only reader of the environment in this room.
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { namedTemporal } from './temporal-profile.ts';

export interface ServerConfig {
  /** DIVE_HOME: data, logs, key and remembered ports. */
  readonly home: string;
  /** Where the set-up puts tools. */
  readonly tools: string;
  /** TEMPORAL_CLI, when the user names one. */
  readonly temporalCli?: string;
  /** A Temporal that is not ours; then none is started. */
  readonly temporalAddress?: string;
  readonly temporalNamespace: string;
  /** A PostgreSQL that is not ours; then none is started. */
  readonly databaseUrl?: string;
  readonly keyFile: string;
  /** How Compose is called, when the user says so. */
  readonly compose?: readonly string[];
  readonly path: readonly string[];
  /** The folder of the docker command's own configuration. */
  readonly dockerConfig: string;
  /** A process; what is started ends when it is gone. For servers that must not outlive a test run. */
  readonly whileAlive?: number;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function homeFolder(env: NodeJS.ProcessEnv): string {
  if (env.DIVE_HOME) return resolve(env.DIVE_HOME);
  if (isRoot()) return '/var/lib/dive';
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'dive');
}

function command(text: string | undefined): readonly string[] | undefined {
  if (!text) return undefined;
  if (!text.startsWith('[')) return text.split(/\s+/);
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.map(String) : undefined;
}

/** Reads the environment once. Nothing is made or checked here. */
export function serverConfig(env: NodeJS.ProcessEnv = process.env): ServerConfig {
  const home = homeFolder(env);
  const compose = command(env.DIVE_COMPOSE);
  const temporal = namedTemporal(env);
  return {
    home,
    tools: env.DIVE_TOOLS ? resolve(env.DIVE_TOOLS) : join(home, 'tools'),
    ...(env.TEMPORAL_CLI ? { temporalCli: env.TEMPORAL_CLI } : {}),
    ...(temporal.address === undefined ? {} : { temporalAddress: temporal.address }),
    temporalNamespace: temporal.namespace ?? 'default',
    ...(env.DIVE_DATABASE_URL ? { databaseUrl: env.DIVE_DATABASE_URL } : {}),
    keyFile: env.DIVE_KEY_FILE ? resolve(env.DIVE_KEY_FILE) : join(home, 'key'),
    ...(compose ? { compose } : {}),
    path: (env.PATH ?? '').split(delimiter).filter(Boolean),
    dockerConfig: env.DOCKER_CONFIG || join(homedir(), '.docker'),
    ...(env.DIVE_SERVER_WHILE_ALIVE ? { whileAlive: Number(env.DIVE_SERVER_WHILE_ALIVE) } : {}),
  };
}

/** What the starter tells the supervisor; it travels in the environment, where other users cannot read it. */
export interface SupervisorSettings {
  readonly config: ServerConfig;
  /** Start a worker too? Tests bring their own. */
  readonly worker: boolean;
  /** Name of the engine that the worker will find in its environment. */
  readonly engine?: string;
}

const SETTINGS = 'DIVE_SUPERVISOR_SETTINGS';

export function supervisorEnvironment(settings: SupervisorSettings): NodeJS.ProcessEnv {
  return { ...process.env, [SETTINGS]: JSON.stringify(settings) };
}

/** @throws Error when the process was not started by `ensureServer`. */
export function supervisorSettings(): SupervisorSettings {
  const text = process.env[SETTINGS];
  if (!text) throw new Error('the supervisor is started by: dive server start');
  const settings: SupervisorSettings = JSON.parse(text);
  return settings;
}

/** What a child inherits: the environment of the command that started the server, without what is replaced. */
export function childEnvironment(without: RegExp, more: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => name !== SETTINGS && !without.test(name));
  return { ...Object.fromEntries(kept), ...more };
}
