// Runs the Compose command. Its environment is exactly what is given, so that nothing of a worker leaks into a file.
import { execFile } from 'node:child_process';
import type { ComposeSource } from '../../schema/spec.ts';

const TIMEOUT_MS = 60_000;
/** The model of a project with hundreds of services is some megabytes. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The command itself could not be run: its path, why. */
  readonly missing?: string;
}

/** Arguments that name the same project again, to stand before the verb. */
export function projectArguments(source: ComposeSource): string[] {
  return [
    ...source.files.flatMap((file) => ['-f', file]),
    '--project-directory',
    source.workingDir,
    ...source.envFiles.flatMap((file) => ['--env-file', file]),
    ...source.profiles.flatMap((profile) => ['--profile', profile]),
    ...(source.projectName === undefined ? [] : ['-p', source.projectName]),
  ];
}

/** What the command needs to run comes from this process, everything else from the source: files see nothing more. */
export function commandEnvironment(source: ComposeSource): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/', DOCKER_CONFIG } = process.env;
  return { PATH, HOME, ...(DOCKER_CONFIG === undefined ? {} : { DOCKER_CONFIG }), ...source.environment };
}

export function runCompose(
  composeCommand: readonly string[],
  source: ComposeSource,
  verb: readonly string[],
): Promise<CommandResult> {
  const [program = 'docker', ...first] = composeCommand;
  return new Promise((resolve) => {
    execFile(
      program,
      [...first, ...projectArguments(source), ...verb],
      { cwd: source.workingDir, env: commandEnvironment(source), timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ exitCode: 0, stdout, stderr });
        if (typeof error.code === 'number') return resolve({ exitCode: error.code, stdout, stderr });
        return resolve({ exitCode: -1, stdout, stderr, missing: `${program}: ${error.message}` });
      },
    );
  });
}
