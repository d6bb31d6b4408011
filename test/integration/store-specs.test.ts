// Specs hold secrets: the database sees only their ciphertext.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Store, openStore, query } from '../../adapters/store/connect.ts';
import { migrate } from '../../adapters/store/migrate.ts';
import { getSpec } from '../../adapters/store/read-spec.ts';
import { putSpec } from '../../adapters/store/specs.ts';
import type { ProjectSpec } from '../../schema/spec.ts';

const SECRET = `correct-horse-${randomBytes(6).toString('hex')}`;
const SPEC: ProjectSpec = {
  version: 1,
  project: 't-specs',
  composeVersion: '2',
  source: {
    workingDir: '/srv/app',
    files: ['/srv/app/compose.yaml'],
    envFiles: [],
    profiles: [],
    environment: { PASSWORD: SECRET },
  },
  services: [],
  networks: [],
  volumes: [],
  secrets: [SECRET],
};

let folder: string;
const stores: Store[] = [];

async function storeWithKey(name: string): Promise<Store> {
  const keyFile = path.join(folder, name);
  await writeFile(keyFile, randomBytes(32).toString('hex'));
  const store = await openStore({ databaseUrl: process.env.DIVE_TEST_DATABASE_URL ?? '', keyFile, max: 2 });
  stores.push(store);
  await migrate(store);
  return store;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dive-specs-'));
});
afterAll(async () => {
  await Promise.all(stores.map((s) => s.close()));
  await rm(folder, { recursive: true, force: true });
});

test('a spec comes back as it was, is stored once, and its row holds nothing of the secret', async () => {
  const store = await storeWithKey('key');
  const digest = await putSpec(store, SPEC);
  expect(await putSpec(store, SPEC)).toBe(digest);
  expect(await getSpec(store, digest)).toEqual(SPEC);
  const rows = await query(store, 'SELECT * FROM specs WHERE digest = $1', [digest]);
  expect(rows).toHaveLength(1);
  const bytes = Object.values(rows[0] ?? {}).map((v: unknown) =>
    Buffer.isBuffer(v) ? v.toString('latin1') : String(v),
  );
  const stored = bytes.join('\n');
  expect(stored.length).toBeGreaterThan(JSON.stringify(SPEC).length);
  for (const text of [SECRET, Buffer.from(SECRET).toString('base64'), 'PASSWORD', '/srv/app']) {
    expect(stored).not.toContain(text);
  }
});

test('another key gives another digest and cannot read it', async () => {
  const [store, other] = [await storeWithKey('one'), await storeWithKey('two')];
  const digest = await putSpec(store, SPEC);
  expect(await putSpec(other, SPEC)).not.toBe(digest);
  await expect(getSpec(other, digest)).rejects.toMatchObject({ code: 'DIVE-1004' });
});

test('a ciphertext that was moved under another digest or changed is refused', async () => {
  const store = await storeWithKey('three');
  const digest = await putSpec(store, SPEC);
  const moved = digest.replace(/^./, (c) => (c === '0' ? '1' : '0'));
  await query(
    store,
    'INSERT INTO specs (digest, key_id, nonce, ciphertext) SELECT $2, key_id, nonce, ciphertext FROM specs WHERE digest = $1',
    [digest, moved],
  );
  await expect(getSpec(store, moved)).rejects.toThrow('unable to authenticate data');
  await query(
    store,
    'UPDATE specs SET ciphertext = set_byte(ciphertext, 0, (get_byte(ciphertext, 0) + 1) % 256) WHERE digest = $1',
    [digest],
  );
  await expect(getSpec(store, digest)).rejects.toThrow('unable to authenticate data');
});

test('a spec nobody stored is told by its digest', async () => {
  const store = await storeWithKey('four');
  await expect(getSpec(store, 'f00d')).rejects.toThrow('f00d');
});
