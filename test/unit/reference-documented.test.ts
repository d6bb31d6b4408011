// docs/reference.md and the schemas, README and the exit codes: kept equal both ways. Needs nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WrittenOptions } from '../../adapters/compose/service-options.ts';
import { OPA_PORT } from '../../adapters/probes/opa.ts';
import { EXIT } from '../../cli/exit.ts';
import { ServiceOptions } from '../../schema/service-options.ts';
import { ProbeOption } from '../../schema/probe.ts';
import { Topology, TopologyInstance } from '../../schema/topology.ts';

const REFERENCE = 'docs/reference.md';

/** The rows of the table below that heading whose first column is called `first`, cell by cell. */
function table(page: string, heading: string, first: string): string[][] {
  const text = readFileSync(join(__dirname, '../..', page), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const head = rows.findIndex(([cell]) => cell === first);
  if (head === -1) throw new Error(`${page} has no table "${first}" under "${heading}"`);
  const end = rows.findIndex((cells, at) => at > head && cells.length === 0);
  return rows.slice(head + 2, end === -1 ? undefined : end);
}

/** Words in code of a cell that could be keys: no capitals, no signs. `level: 4` is `level`. */
function keysIn(cell: string): string[] {
  return [...cell.matchAll(/`([a-z][a-zA-Z]*)(: [^`]*)?`/g)].map(([, key = '']) => key);
}

const unquoted = (cell = ''): string => cell.replaceAll('`', '');

describe('dive.yaml', () => {
  const rows = table(REFERENCE, 'dive.yaml', 'Field');
  const fieldsOf = (of: string): string[] => rows.filter(([, cell]) => cell === of).map(([name]) => unquoted(name));

  test('the table has each key of the schema and none more', () => {
    expect(fieldsOf('the file').toSorted()).toEqual(Object.keys(Topology.shape).toSorted());
    expect(fieldsOf('instance').toSorted()).toEqual(Object.keys(TopologyInstance.shape).toSorted());
    expect(rows).toHaveLength(Object.keys(Topology.shape).length + Object.keys(TopologyInstance.shape).length);
  });

  test('all but version, code and compose may be left out, and the site is then the default one', () => {
    const hub = { code: 'USA', compose: 'compose.yaml' };
    expect(Topology.safeParse({ version: 1, hub }).success).toBe(true);
    expect(Topology.safeParse({ hub }).success).toBe(false);
    const means = Object.fromEntries(rows.map(([name, , text]) => [unquoted(name), text]));
    const site = /`(\w+)` by default/.exec(means['site'] ?? '')?.[1];
    // Only the default one need not be among `sites`.
    expect(Topology.safeParse({ version: 1, hub: { ...hub, site } }).success).toBe(true);
    expect(Topology.safeParse({ version: 1, hub: { ...hub, site: 'lyon' } }).success).toBe(false);
    const code = new RegExp(`^${unquoted(means['code']?.split('`')[1])}$`);
    for (const tried of ['USA', 'A-1_B', 'usa', '-A', 'A'.repeat(63), 'A'.repeat(64)]) {
      expect([tried, TopologyInstance.safeParse({ ...hub, code: tried }).success]).toEqual([tried, code.test(tried)]);
    }
  });
});

describe('x-dive', () => {
  const rows = table(REFERENCE, 'x-dive', 'Field');
  const means = Object.fromEntries(rows.map(([name, text]) => [unquoted(name), text ?? '']));

  test('the table has each key of the schema and none more', () => {
    expect(Object.keys(means).toSorted()).toEqual(Object.keys(WrittenOptions.shape).toSorted());
  });

  test('limits and values are those of the schema', () => {
    expect(means['timeout']).toContain('1 s to 1 h');
    const taken = (timeout: string): boolean => WrittenOptions.safeParse({ timeout }).success;
    expect(['999ms', '1s', '90s', '4m', '1h', '3601s'].map(taken)).toEqual([false, true, true, true, true, false]);
    expect(means['settle']).toContain('at most 10 min');
    const settles = (settle: string): boolean => WrittenOptions.safeParse({ settle }).success;
    expect(['0s', '500ms', '10m', '601s', 'soon'].map(settles)).toEqual([true, true, true, false, false]);
    const words = keysIn(means['remediation'] ?? '');
    expect(words).toEqual(expect.arrayContaining([...ServiceOptions.shape.remediation.unwrap().options]));
    expect(means['remediation']).toContain('`none` (default)');
  });

  test('the probes and their fields are those of the schema', () => {
    const documented = table(REFERENCE, 'x-dive', 'Probe').map(([name, fields = '']) => ({
      probe: unquoted(name),
      fields: keysIn(fields).toSorted(),
    }));
    const known = ProbeOption.options.map(({ shape }) => {
      const [first, ...beside] = Object.entries(shape);
      const inner = first?.[1];
      const fields = inner !== undefined && 'shape' in inner ? Object.keys(inner.shape) : [];
      return { probe: first?.[0], fields: [...fields, ...beside.map(([key]) => key)].toSorted() };
    });
    expect(documented).toEqual(known);
  });

  test('defaults of the probes', () => {
    const fields = Object.fromEntries(
      table(REFERENCE, 'x-dive', 'Probe').map(([name, text]) => [unquoted(name), text]),
    );
    expect(ProbeOption.parse({ http: { port: 1 } })).toEqual({ http: { port: 1, path: '/' } });
    expect(fields['http']).toContain('`path` (default `/`)');
    expect(fields['opa']).toContain(`\`port\` (default ${OPA_PORT})`);
  });
});

describe('exit codes', () => {
  /** A word of each row: what the name in the code stands for. */
  const WORDS: Readonly<Record<keyof typeof EXIT, string>> = {
    done: 'nothing to do',
    failed: 'taken back exactly',
    pending: 'changes pending',
    notRolledBack: 'not as before',
    locked: 'locked',
    cancelled: 'cancelled',
    unreachable: 'tool',
    invalid: 'invalid configuration',
  };

  test.each([
    ['README.md', 'Exit codes'],
    [REFERENCE, 'Exit codes'],
  ])('%s has them all, in order, each with its meaning', (page, heading) => {
    const rows = table(page, heading, 'Code');
    expect(rows.map(([code]) => Number(code))).toEqual(Object.values(EXIT));
    for (const [at, word] of Object.values(WORDS).entries()) expect(rows[at]?.[1]).toContain(word);
  });
});
