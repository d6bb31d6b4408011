// What a worker process reads from its environment; the only place of this room that does.
import { type EngineChoice, ENGINE_VARIABLES, engineChoice } from '../adapters/docker/engine-choice.ts';

export interface WorkerConfig {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly keyFile: string;
  readonly site: string;
  readonly composeCommand: readonly string[];
  readonly engine: EngineChoice;
  /** Handed to tools that are run. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  /** Folder of the compiled code, where a workflow bundle made at build time may lie. */
  readonly bundleFile: string;
}

const TOOL_VARIABLES = [
  'PATH',
  'HOME',
  ...ENGINE_VARIABLES,
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSH_AUTH_SOCK',
];

function need(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`the worker needs ${name}`);
  return value;
}

export function workerConfig(env: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const compose: unknown = JSON.parse(env['DIVE_COMPOSE'] ?? '["docker","compose"]');
  return {
    temporalAddress: env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
    namespace: env['TEMPORAL_NAMESPACE'] ?? 'default',
    databaseUrl: need(env, 'DIVE_DATABASE_URL'),
    keyFile: need(env, 'DIVE_KEY_FILE'),
    site: env['DIVE_SITE'] ?? 'local',
    composeCommand: Array.isArray(compose) ? compose.map(String) : ['docker', 'compose'],
    engine: engineChoice(env),
    toolEnvironment: Object.fromEntries(
      TOOL_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ),
    bundleFile: `${__dirname}/../workflow-bundle.js`,
  };
}
