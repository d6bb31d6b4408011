// The Temporal CLI's server as a child.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { ServerConfig } from './config.ts';
import { childEnvironment } from './config.ts';
import { homePaths } from './home.ts';
import { logFile } from './log-file.ts';
import { LOOPBACK, listens } from './ports.ts';
import { poll } from './processes.ts';
import type { ChildSpec } from './supervised-child.ts';

const SEARCH_ATTRIBUTES = [
  'DiveInstance=Keyword',
  'DiveRole=Keyword',
  'DiveState=Keyword',
  'DiveOperation=Int',
  'DiveErrorCode=Keyword',
];

// The default of 20 puts every hand-over inside a workflow on a grid of 50 ms; with 1000 it takes 8.
const DYNAMIC_CONFIG = ['transfer', 'timer', 'visibility'].map((queue) => `history.${queue}ProcessorMaxPollRPS=1000`);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** TEMPORAL_CLI, else `temporal` on PATH, else what the set-up brought; undefined when there is none. */
export function findTemporalCli(config: ServerConfig): string | undefined {
  if (config.temporalCli !== undefined) return isExecutable(config.temporalCli) ? config.temporalCli : undefined;
  return [...config.path, config.tools].map((folder) => join(folder, 'temporal')).find(isExecutable);
}

/** Words that tell this server's process from others. */
export function temporalWords(home: string): string[] {
  return ['start-dev', homePaths(home).temporalDatabase];
}

export function temporalChild(home: string, cli: string, ports: { temporal: number; ui: number }): ChildSpec {
  return {
    command: cli,
    args: [
      'server',
      'start-dev',
      `--db-filename=${homePaths(home).temporalDatabase}`,
      `--ip=${LOOPBACK}`,
      `--ui-ip=${LOOPBACK}`,
      `--port=${ports.temporal}`,
      `--ui-port=${ports.ui}`,
      '--log-level=warn',
      ...DYNAMIC_CONFIG.map((value) => `--dynamic-config-value=${value}`),
      ...SEARCH_ATTRIBUTES.map((attribute) => `--search-attribute=${attribute}`),
    ],
    // The CLI reads TEMPORAL_* as flags; what the user has set for another server must not reach this one.
    env: childEnvironment(/^TEMPORAL_/, {}),
    cwd: home,
    logFile: logFile(home, 'temporal'),
    stopSignal: 'SIGTERM',
    channel: false,
    prepare: async () => {},
  };
}

function namespaceAnswers(cli: string, address: string): Promise<boolean> {
  const args = ['operator', 'namespace', 'describe', '-n', 'default', '--address', address];
  return new Promise((resolve) => {
    const options = { timeout: 5_000, env: childEnvironment(/^TEMPORAL_/, {}) };
    execFile(cli, args, options, (error) => resolve(error === null));
  });
}

/** Waits until the server answers for its namespace. False when `timeoutMs` is over. */
export async function temporalAnswers(cli: string, port: number, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  if (!(await poll(async () => ((await listens(port)) ? true : undefined), timeoutMs))) return false;
  const ask = async (): Promise<true | undefined> =>
    (await namespaceAnswers(cli, `${LOOPBACK}:${port}`)) ? true : undefined;
  return (await poll(ask, end - Date.now())) === true;
}
