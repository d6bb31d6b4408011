// What Compose says about a project, in processes of its own at once. Loads nothing heavy: the caller can begin
// here and load what understands the answers meanwhile.
import type { ComposeSource } from '../../schema/spec.ts';
import { type CommandResult, runCompose } from './compose-command.ts';
import { plainEnvironment } from './plain-environment.ts';

export interface ComposeAnswers {
  readonly config: CommandResult;
  readonly notInterpolated: CommandResult;
  /** The project's variables. */
  readonly environment: ReadonlyMap<string, string>;
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
    variablesOf(composeCommand, source),
    knownVersion ?? run('version', '--short').then((result) => result.stdout.trim()),
  ]);
  return { config, notInterpolated, environment, version };
}

async function variablesOf(
  composeCommand: readonly string[],
  source: ComposeSource,
): Promise<ReadonlyMap<string, string>> {
  const plain = await plainEnvironment(source);
  return plain ?? readEnvironment((await runCompose(composeCommand, source, ['config', '--environment'])).stdout);
}

/** Output of `config --environment`: one `NAME=value` a line, further lines of a value as they are. */
export function readEnvironment(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line);
    if (match !== null) {
      last = match[1] ?? '';
      variables.set(last, match[2] ?? '');
    } else if (last !== undefined) variables.set(last, `${variables.get(last) ?? ''}\n${line}`);
  }
  return variables;
}
