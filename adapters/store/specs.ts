import { z } from 'zod';
import type { ProjectSpec } from '../../schema/spec.ts';
import { type Store, query, queryRows } from './connect.ts';
import { decrypt, encrypt, keyedDigest } from './encryption.ts';
import { StoreFailure } from './store-failure.ts';

/** Stores the spec once, encrypted, under its digest; takes the digest. */
export function putSpec(store: Store, spec: ProjectSpec): Promise<string> {
  return putSealed(store, JSON.stringify(spec));
}

/** Any text that may hold a secret: stored once, encrypted, under its digest; takes the digest. */
export async function putSealed(store: Store, text: string): Promise<string> {
  const digest = keyedDigest(store.key, text);
  const { nonce, ciphertext } = encrypt(store.key, digest, text);
  await query(
    store,
    'INSERT INTO specs (digest, key_id, nonce, ciphertext) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [digest, store.key.id, nonce, ciphertext],
  );
  return digest;
}

/** Throws DIVE-1501 when there is none, DIVE-1004 when it was encrypted with another key. */
export async function getSealed(store: Store, digest: string): Promise<string> {
  const [row] = await queryRows(
    store,
    z.object({ key_id: z.string(), nonce: z.instanceof(Buffer), ciphertext: z.instanceof(Buffer) }),
    'SELECT key_id, nonce, ciphertext FROM specs WHERE digest = $1',
    [digest],
  );
  if (!row) throw new StoreFailure('DIVE-1501', `no spec is stored under ${digest}`);
  return decrypt(store.key, digest, { keyId: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext });
}
