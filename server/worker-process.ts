// The worker as a child.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
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

/** How Compose is called: as the user says, else the plugin, else the program the set-up brought. */
export function composeCommand(config: ServerConfig): readonly string[] {
  if (config.compose) return config.compose;
  const own = join(config.tools, 'docker-compose');
  const plugin = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore', timeout: 10_000 });
  return plugin.status === 0 || !existsSync(own) ? ['docker', 'compose'] : [own];
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
