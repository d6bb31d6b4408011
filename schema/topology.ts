// `dive.yaml`, version 1.
import { z } from 'zod';
import { InstanceCode } from './inputs.ts';

const Paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

export const TopologyInstance = z.strictObject({
  code: InstanceCode,
  /** One path or a list, relative to dive.yaml. */
  compose: Paths,
  /** Files for interpolation; without them `.env` beside the Compose file. */
  envFiles: z.array(z.string().min(1)).optional(),
  /** Variables made once into the first env file when missing. */
  generate: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/)).optional(),
  profiles: z.array(z.string()).optional(),
  site: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
    .optional(),
});
export type TopologyInstance = z.infer<typeof TopologyInstance>;

export const Topology = z
  .strictObject({
    version: z.literal(1),
    hub: TopologyInstance.optional(),
    spokes: z.array(TopologyInstance).optional(),
    sites: z.record(z.string(), z.strictObject({})).optional(),
    policies: z.strictObject({}).optional(),
  })
  .superRefine((topology, context) => {
    const all = [...(topology.hub ? [topology.hub] : []), ...(topology.spokes ?? [])];
    if (all.length === 0) context.addIssue({ code: 'custom', message: 'names no instance: give a hub or spokes' });
    for (const [i, instance] of all.entries()) {
      if (all.findIndex((other) => other.code === instance.code) < i) {
        context.addIssue({ code: 'custom', message: `the code ${instance.code} is there twice` });
      }
      const site = instance.site ?? 'local';
      if (site !== 'local' && !Object.hasOwn(topology.sites ?? {}, site)) {
        context.addIssue({ code: 'custom', message: `the site ${site} of ${instance.code} is not among sites` });
      }
    }
  });
export type Topology = z.infer<typeof Topology>;
