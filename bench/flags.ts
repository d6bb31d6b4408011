// What the bench is told.
import { parseArgs } from 'node:util';

export interface BenchFlags {
  /** End with one JSON object on stdout. */
  readonly json: boolean;
  /** Neither 200 services nor the chain; the hub once unless `repeats` says otherwise. */
  readonly quick: boolean;
  /** The real hub of stacks/hub, memory and a hundred probes, too. */
  readonly hub: boolean;
  /** How often each variant runs; the median counts. Of crowds there are more (crowds.ts). */
  readonly repeats: number;
}

const REPEATS = 3;

/** @throws TypeError from parseArgs for a flag that is not known */
export function benchFlags(argv: readonly string[]): BenchFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      hub: { type: 'boolean' },
      repeats: { type: 'string' },
    },
  });
  const quick = values.quick === true;
  const asked = Number(values.repeats ?? (quick ? 1 : REPEATS));
  if (!Number.isInteger(asked) || asked < 1) throw new TypeError('--repeats needs a whole number above 0');
  return { json: values.json === true, quick, hub: values.hub === true, repeats: asked };
}
