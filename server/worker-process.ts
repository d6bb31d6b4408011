// The worker as a child.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerConfig } from './config.ts';
import { childEnvironment } from './config.ts';
import { logFile } from './log-file.ts';
import { packageRoot } from './package-root.ts';
import type { ChildSpec } from './supervised-child.ts';

export function workerFile(): string {
  return join(packageRoot(), 'dist', 'worker', 'main.js');
}

/** Words that tell a worker of this server from others. */
export function workerWords(home: string): string[] {
  return ['worker/main.js', home];
}

/** Where the docker command looks for its plugins, after the user's own folder. */
const PLUGIN_FOLDERS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
];

/**
 * How Compose is called: as the user says, else the plugin, else the program the set-up brought. The plugin is a
 * program of its own; calling it directly spares a second process each time.
 */
export function composeCommand(config: ServerConfig): readonly string[] {
  if (config.compose) return config.compose;
  const folders = [join(config.dockerConfig, 'cli-plugins'), ...PLUGIN_FOLDERS];
  const plugin = folders.map((folder) => join(folder, 'docker-compose')).find((file) => existsSync(file));
  const own = join(config.tools, 'docker-compose');
  const isOnly = !existsSync(own) || (plugin !== undefined && realpathSync(own) === realpathSync(plugin));
  if (isOnly && plugin !== undefined) return [plugin];
  // The set-up brought one although there is a plugin: that one may not work.
  const asked = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore', timeout: 10_000 });
  return asked.status === 0 || !existsSync(own) ? ['docker', 'compose'] : [own];
}

export interface WorkerAddresses {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly databaseUrl: string;
}

/**
 * `dist/worker/main.js` with TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, DIVE_DATABASE_URL, DIVE_KEY_FILE, DIVE_SITE,
 * DIVE_COMPOSE and DIVE_HOME in its environment. It sends 'ready' over its channel when it polls, and ends when the
 * channel closes.
 */
export function workerChild(config: ServerConfig, addresses: WorkerAddresses): ChildSpec {
  // A Temporal that is not ours is reached as the user has set it, certificates and API key included.
  const named = config.temporalAddress !== undefined;
  // What a configuration file says of another server, its certificates above all, must not reach ours.
  const own: Record<string, string> = named ? {} : { TEMPORAL_CONFIG_FILE: join(config.home, 'no-temporal.toml') };
  return {
    command: process.execPath,
    args: [workerFile(), config.home],
    env: childEnvironment(named ? /^$/ : /^TEMPORAL_/, {
      ...own,
      TEMPORAL_ADDRESS: addresses.temporalAddress,
      TEMPORAL_NAMESPACE: addresses.temporalNamespace,
      DIVE_DATABASE_URL: addresses.databaseUrl,
      DIVE_KEY_FILE: config.keyFile,
      DIVE_SITE: 'local',
      DIVE_COMPOSE: JSON.stringify(composeCommand(config)),
      DIVE_HOME: config.home,
    }),
    cwd: config.home,
    logFile: logFile(config.home, 'worker'),
    stopSignal: 'SIGTERM',
    channel: true,
    prepare: async () => {},
  };
}
