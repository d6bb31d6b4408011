// When an image is the right one: by the content of its recipe and of what it is built upon.
import { chmodSync, cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Image {
  readonly name: string;
  readonly tag: string;
  readonly files: readonly (readonly [string, string])[];
}
const {
  authoritiesLabel,
  fingerprint,
  hasAuthorities,
  hostAuthorities,
}: {
  readonly authoritiesLabel: (found: Buffer) => string;
  readonly fingerprint: (image: Image, recipes: string) => string;
  readonly hasAuthorities: (label: string | undefined, env: Record<string, string>, own: string) => boolean;
  readonly hostAuthorities: (env: Record<string, string>, own: string) => Buffer;
} = require('../../scripts/images/fingerprint.cjs');
const {
  missingImages,
}: {
  readonly missingImages: (
    images: readonly Image[],
    present: (tags: string[]) => Promise<Map<string, Record<string, string>>>,
  ) => Promise<Image[]>;
} = require('../../scripts/images/build.cjs');
const {
  BASE,
  IMAGES,
  RECIPES,
}: {
  readonly BASE: Image;
  readonly IMAGES: readonly Image[];
  readonly RECIPES: string;
} = require('../../scripts/images/catalogue.cjs');

let recipes: string;
beforeEach(() => {
  recipes = mkdtempSync(join(tmpdir(), 'dive-recipes-'));
  cpSync(resolve(__dirname, '../../stacks/images'), recipes, { recursive: true });
});
afterEach(() => rmSync(recipes, { recursive: true, force: true }));

const byName = (name: string): Image => {
  const found = IMAGES.find((i) => i.name === name);
  if (!found) throw new Error(`no image ${name}`);
  return found;
};
const all = (): string[] => [BASE, ...IMAGES].map((i) => fingerprint(i, recipes));

test('a copy of the recipes with other times is the same', () => {
  const before = all();
  utimesSync(join(recipes, 'redis', 'Dockerfile'), new Date(0), new Date(0));
  expect(all()).toEqual(before);
  expect(new Set(before).size).toBe(6);
});

test('a changed file changes its own image only', () => {
  const before = fingerprint(byName('redis'), recipes);
  const other = fingerprint(byName('postgres'), recipes);
  writeFileSync(join(recipes, 'redis', 'entrypoint.sh'), 'exec "$@"\n');
  expect(fingerprint(byName('redis'), recipes)).not.toBe(before);
  expect(fingerprint(byName('postgres'), recipes)).toBe(other);
});

test('the right to run counts, and so does another version of what goes in', () => {
  const before = fingerprint(byName('redis'), recipes);
  chmodSync(join(recipes, 'redis', 'entrypoint.sh'), 0o644);
  expect(fingerprint(byName('redis'), recipes)).not.toBe(before);
  const opa = byName('opa');
  expect(fingerprint({ ...opa, files: [['opa', 'npm']] }, recipes)).not.toBe(fingerprint(opa, recipes));
});

test('another base is another image of every kind', () => {
  const before = all();
  writeFileSync(join(recipes, 'base', 'apt.conf'), '// other\n');
  expect(all().filter((digest) => before.includes(digest))).toEqual([]);
});

test('an image without the label, or with an older one, is made anew; the right one is not', async () => {
  const [redis, postgres, opa] = [byName('redis'), byName('postgres'), byName('opa')];
  const present = async () =>
    new Map([
      [redis.tag, { 'dive-local.recipe': fingerprint(redis, RECIPES) }],
      [postgres.tag, { 'dive-local.recipe': '0123' }],
      [opa.tag, {}],
    ]);
  const missing = await missingImages([redis, postgres, opa, byName('keycloak')], present);
  expect(missing.map((i) => i.name)).toEqual(['postgres', 'opa', 'keycloak']);
});

test('whom the shell names is trusted, else whom the owner of the machine added', () => {
  const own = mkdtempSync(join(tmpdir(), 'dive-authorities-'));
  try {
    writeFileSync(join(own, 'b.crt'), 'B\n');
    writeFileSync(join(own, 'a.crt'), 'A\n');
    writeFileSync(join(own, 'README'), 'no certificate\n');
    const named = { NODE_EXTRA_CA_CERTS: join(own, 'b.crt') };
    expect(hostAuthorities({}, own).toString()).toBe('A\nB\n');
    expect(hostAuthorities(named, own).toString()).toBe('B\n');
    expect(hostAuthorities({}, join(own, 'none')).length).toBe(0);

    const labels = {
      none: '',
      owner: authoritiesLabel(Buffer.from('A\nB\n')),
      shell: authoritiesLabel(Buffer.from('B\n')),
    };
    const right = (env: Record<string, string>, folder = own) =>
      Object.fromEntries(Object.entries(labels).map(([who, label]) => [who, hasAuthorities(label, env, folder)]));
    expect(right({})).toEqual({ none: false, owner: true, shell: true });
    expect(right(named)).toEqual({ none: false, owner: false, shell: true });
    expect(right({}, join(own, 'none'))).toEqual({ none: true, owner: true, shell: true });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});
