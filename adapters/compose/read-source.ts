// What Compose says about a project, in processes of its own at once. Loads nothing heavy: the caller can begin
// here and load what understands the answers meanwhile.
import type { ComposeSource } from '../../schema/spec.ts';
import { type CommandResult, runCompose } from './compose-command.ts';

export interface ComposeAnswers {
  readonly config: CommandResult;
  readonly notInterpolated: CommandResult;
  readonly environment: CommandResult;
  /** Of the Compose command: "2.40.3". */
  readonly version: string;
}

/** Never rejects: what goes wrong is in the answers. `knownVersion` spares the question for it. */
export async function readSource(
  composeCommand: readonly string[],
  source: ComposeSource,
  knownVersion?: string,
): Promise<ComposeAnswers> {
  const run = (...verb: string[]): Promise<CommandResult> => runCompose(composeCommand, source, verb);
  const [config, notInterpolated, environment, version] = await Promise.all([
    run('config', '--format', 'json'),
    run('config', '--no-interpolate', '--format', 'json'),
    run('config', '--environment'),
    knownVersion ?? run('version', '--short').then((result) => result.stdout.trim()),
  ]);
  return { config, notInterpolated, environment, version };
}
