// Instances by name, by folder, or all: for the verbs that need no Compose file.
import type { InstanceRow } from '../adapters/store/instances.ts';
import { CommandFailure, invalid } from './exit.ts';
import type { Session } from './session.ts';
import { type ComposeFlags, findTargets } from './targets.ts';

/**
 * The registered instances meant: those named; else those of the folder (its dive.yaml or Compose project).
 * @throws CommandFailure DIVE-1001 when there is none
 */
export async function instancesFor(
  session: Session,
  codes: readonly string[],
  flags: ComposeFlags,
): Promise<InstanceRow[]> {
  const [{ listInstances }, { migrate }, store] = await Promise.all([
    import('../adapters/store/instances.ts'),
    import('../adapters/store/migrate.ts'),
    session.store(),
  ]);
  const all = await listInstances(store).catch(async () => {
    await migrate(store);
    return listInstances(store);
  });
  if (codes.length > 0) {
    const found = codes.map((c) => all.find((i) => i.code === c.toUpperCase()) ?? c);
    const unknown = found.filter((f): f is string => typeof f === 'string');
    if (unknown.length > 0) {
      const known = all.length === 0 ? 'none was ever raised here' : `known: ${all.map((i) => i.code).join(', ')}`;
      throw invalid([{ code: 'DIVE-1001', message: `there is no instance ${unknown.join(', ')}; ${known}` }]);
    }
    return found.filter((f): f is InstanceRow => typeof f !== 'string');
  }
  const targets = await findTargets(session.config, flags, []).catch(noneHere);
  const here = all.filter((i) =>
    targets.some((t) =>
      t.code === undefined
        ? i.folder === t.source.workingDir && (t.source.projectName === undefined || i.project === t.source.projectName)
        : i.code === t.code,
    ),
  );
  if (here.length > 0) return here;
  throw invalid([
    {
      code: 'DIVE-1001',
      message:
        targets.length === 0
          ? 'there is no dive.yaml and no Compose file here: name an instance'
          : 'nothing of this folder was raised yet: dive up',
    },
  ]);
}

/** No Compose file here is an answer; a broken one is said. */
function noneHere(error: unknown): [] {
  if (error instanceof CommandFailure && error.details.code === 'DIVE-1102') return [];
  throw error;
}
