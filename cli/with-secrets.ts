import { CommandFailure, EXIT } from './exit.ts';
import { generateMissing, secretsFile } from './generate.ts';
import { type ComposeTool, type ResolvedTarget, resolveTarget } from './resolve.ts';
import type { Session } from './session.ts';

/**
 * Generates what is missing and reads the files again. Never while a volume of the project exists: a database in it
 * may know another password. @throws CommandFailure DIVE-1004 then
 */
export async function withSecrets(
  session: Session,
  target: ResolvedTarget,
  compose: ComposeTool,
  engineApiVersion: string | undefined,
): Promise<ResolvedTarget> {
  const { observeProject } = await import('../adapters/docker/observe.ts');
  const { volumes } = await observeProject(await session.engine(), target.project.project);
  const names = target.toGenerate.join(', ');
  if (volumes.length > 0) {
    throw new CommandFailure(
      {
        code: 'DIVE-1004',
        what: `${names} would be made anew, but ${volumes.map((v) => v.name).join(', ')} may know the old one`,
      },
      {
        instance: target.code,
        exitCode: EXIT.invalid,
        now: ['nothing was touched'],
        next: [
          `put ${names} back into ${secretsFile(target.source)}`,
          `or remove the volume and its data: docker volume rm ${volumes[0]?.name ?? ''}`,
        ],
      },
    );
  }
  await generateMissing(target.source, target.toGenerate);
  session.output.note(`${target.code}: made ${names} in ${secretsFile(target.source)} (readable by you alone)`);
  return resolveTarget(target, compose, engineApiVersion);
}
