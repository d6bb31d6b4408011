// The order in which images and what they need are made.
interface Task {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  readonly seconds: number;
  readonly run: () => Promise<void>;
}
const {
  runGraph,
}: {
  readonly runGraph: (
    tasks: readonly Task[],
    options: { readonly lanes: number; readonly started?: (t: Task) => void },
  ) => Promise<readonly { readonly task: Task; readonly error: Error }[]>;
} = require('../../scripts/images/graph.cjs');
const {
  tasksFor,
}: { readonly tasksFor: (images: readonly unknown[]) => readonly Task[] } = require('../../scripts/images/bring.cjs');
const {
  BASE,
  IMAGES,
}: {
  readonly BASE: { readonly name: string };
  readonly IMAGES: readonly { readonly name: string }[];
} = require('../../scripts/images/catalogue.cjs');

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

function tasks(
  wanted: Record<string, { readonly needs?: string[]; readonly seconds?: number; readonly fails?: boolean }>,
) {
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const made = Object.entries(wanted).map(([id, { needs = [], seconds = 1, fails = false }]) => ({
    id,
    title: id,
    needs,
    seconds,
    run: async () => {
      log.push(id);
      most = Math.max(most, ++running);
      await turn();
      running -= 1;
      if (fails) throw new Error(`${id} broke`);
      log.push(`${id}.`);
    },
  }));
  return { made, log, most: () => most };
}

test('nothing begins before what it needs has ended; the longest way goes first', async () => {
  const { made, log, most } = tasks({
    short: {},
    base: { seconds: 5 },
    long: { seconds: 9 },
    image: { needs: ['base', 'long'] },
  });
  expect(await runGraph(made, { lanes: 2 })).toEqual([]);
  expect(log.slice(0, 2)).toEqual(['long', 'base']);
  expect(log.indexOf('image')).toBeGreaterThan(log.indexOf('base.'));
  expect(log.indexOf('image')).toBeGreaterThan(log.indexOf('long.'));
  expect(most()).toBe(2);
});

test('a failure stops what needs it, in any number of steps, and nothing else', async () => {
  const { made, log } = tasks({
    maven: { fails: true },
    keycloak: { needs: ['maven'] },
    stack: { needs: ['keycloak'] },
    redis: { needs: ['base'] },
    base: {},
  });
  const failed = await runGraph(made, { lanes: 1 });
  expect(failed.map((f) => f.error.message)).toEqual(['maven broke']);
  expect(log).toContain('redis.');
  expect(log).not.toContain('keycloak');
  expect(log).not.toContain('stack');
});

test('what is there already is no task, and what needs it does not wait', async () => {
  const { made, log } = tasks({ postgres: { needs: ['base'] } });
  expect(await runGraph(made, { lanes: 3 })).toEqual([]);
  expect(log).toEqual(['postgres', 'postgres.']);
});

test('every image of the hub waits for the base and for all that goes into it', () => {
  const made = tasksFor([BASE, ...IMAGES]);
  const needs = (id: string) => made.find((t) => t.id === id)?.needs;
  expect(needs('base')).toEqual([]);
  expect(needs('postgres')).toEqual(['base']);
  expect(needs('keycloak')).toEqual(['base', 'artifact keycloak']);
  expect(needs('node')).toEqual(['base', 'artifact node', 'artifact npm']);
});
