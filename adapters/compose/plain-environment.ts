// Variables of a project, where reading them leaves nothing to interpret: then no process of Compose is needed for them.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ComposeSource } from '../../schema/spec.ts';
import { commandEnvironment } from './compose-command.ts';
import { readDotEnv } from './dot-env.ts';

/** No quotes, no variables, no spaces, no comment behind a value: every reader of env files agrees. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_.,:;/@%+=-]*$/;
const SAYS_NOTHING = /^(#.*)?$/;
/** Decide which env files count. */
const SETTINGS = ['COMPOSE_ENV_FILES', 'COMPOSE_DISABLE_ENV_FILE'];

/**
 * As `docker compose config --environment` says them, but for the project's name, which the model tells. Undefined
 * where only Compose knows: a line of an env file that is not plain, a name twice, a file that cannot be read.
 */
export async function plainEnvironment(source: ComposeSource): Promise<ReadonlyMap<string, string> | undefined> {
  if (SETTINGS.some((name) => name in source.environment)) return undefined;
  const variables = new Map<string, string>();
  for (const file of source.envFiles.length > 0 ? source.envFiles : [path.join(source.workingDir, '.env')]) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' && source.envFiles.length === 0 ? '' : undefined,
    );
    const read = text === undefined ? undefined : plainLines(text);
    if (read === undefined) return undefined;
    for (const [name, value] of read) variables.set(name, value);
  }
  return new Map([...variables, ['PWD', source.workingDir], ...Object.entries(commandEnvironment(source))]);
}

function plainLines(text: string): ReadonlyMap<string, string> | undefined {
  const lines = text.split('\n').filter((line) => !SAYS_NOTHING.test(line));
  const variables = readDotEnv(text);
  return lines.every((line) => PLAIN.test(line)) && variables.size === lines.length ? variables : undefined;
}
