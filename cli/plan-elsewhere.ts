import type { Inspection } from '../domain/deployment.ts';
import type { InspectInput } from '../schema/inputs.ts';
import { invalid } from './exit.ts';
import type { ResolvedTarget } from './resolve.ts';
import type { Session } from './session.ts';

/**
 * The plan of an instance on another site, asked of that site's worker. The spec is stored, encrypted, for it; neither
 * the instance nor its engine is touched. @throws InspectionError, e.g. DIVE-1604 when no worker of the site answers, and
 * CommandFailure DIVE-1008 when `up` would not register it
 */
export async function planElsewhere(
  session: Session,
  target: ResolvedTarget,
  flags: Pick<InspectInput, 'build' | 'pull' | 'adopt'>,
): Promise<Inspection> {
  const [{ migrate }, { registrationConflict }, { putSpec }, { inspectInstance }, store, client] = await Promise.all([
    import('../adapters/store/migrate.ts'),
    import('../adapters/store/instances.ts'),
    import('../adapters/store/specs.ts'),
    import('../client/inspect.ts'),
    session.store(),
    session.temporal(),
  ]);
  await migrate(store);
  const { code, site, source, project } = target;
  const held = await registrationConflict(store, { code, site, folder: source.workingDir, project: project.project });
  if (held !== undefined) throw invalid([{ code: 'DIVE-1008', message: held }], code);
  session.output.note(`${target.code}: asks the worker of site ${target.site}`);
  return inspectInstance(client, {
    instance: target.code,
    site: target.site,
    spec: await putSpec(store, target.project),
    ...(flags.build ? { build: true } : {}),
    ...(flags.pull === undefined ? {} : { pull: flags.pull }),
    ...(flags.adopt ? { adopt: true } : {}),
  });
}
