import type { ComposeSource } from '../schema/spec.ts';

/** Global arguments that make Compose read the same project again, without the command itself. */
export function composeArguments(source: ComposeSource, project: string): string[] {
  return [
    '--project-directory',
    source.workingDir,
    '--project-name',
    project,
    ...source.files.flatMap((f) => ['--file', f]),
    ...source.envFiles.flatMap((f) => ['--env-file', f]),
    ...source.profiles.flatMap((p) => ['--profile', p]),
  ];
}
