// Apart from the rest of specs.ts: a command that only stores a spec starts sooner without its schema.
import { ProjectSpec } from '../../schema/spec.ts';
import type { Store } from './connect.ts';
import { getSealed } from './specs.ts';

/** Throws DIVE-1501 when there is none, DIVE-1004 when it was encrypted with another key. */
export async function getSpec(store: Store, digest: string): Promise<ProjectSpec> {
  return ProjectSpec.parse(JSON.parse(await getSealed(store, digest)));
}
