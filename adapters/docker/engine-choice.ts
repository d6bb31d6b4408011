// What somebody says of the engine that is meant. Loads nothing: the command reads it before it knows what it needs.

export interface EngineChoice {
  /** Value of DOCKER_HOST; wins over every context. */
  readonly host?: string | undefined;
  /** Value of DOCKER_CONTEXT; wins over the current context of the configuration. */
  readonly context?: string | undefined;
  /** Value of DOCKER_CONFIG. @default `~/.docker` */
  readonly configDir?: string | undefined;
  /** Value of DOCKER_CERT_PATH, for a `tcp:` host given by `host`. @default the folder of the configuration */
  readonly certPath?: string | undefined;
  /** Value of DOCKER_TLS_VERIFY is not empty. */
  readonly tlsVerify?: boolean | undefined;
}

/** The variables that `docker` reads; programs that are run for it need the same. */
export const ENGINE_VARIABLES = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
] as const;

/** What the environment says, as `docker` itself would take it; an empty variable says nothing. */
export function engineChoice(env: NodeJS.ProcessEnv): EngineChoice {
  return {
    host: env['DOCKER_HOST'] || undefined,
    context: env['DOCKER_CONTEXT'] || undefined,
    configDir: env['DOCKER_CONFIG'] || undefined,
    certPath: env['DOCKER_CERT_PATH'] || undefined,
    tlsVerify: Boolean(env['DOCKER_TLS_VERIFY']),
  };
}

/** Somebody named an engine: then that one is meant, and no other is brought in its place. */
export function isNamed(choice: EngineChoice): boolean {
  return (choice.host ?? choice.context) !== undefined;
}
