// AES-256-GCM with a fresh nonce; the digest is additional data, so a stored text cannot pass for another.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { StoreFailure } from './store-failure.ts';

export interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

/** `text`: 64 hex digits, white space around them ignored. */
export function readKey(text: string): Key {
  const bytes = Buffer.from(text.trim(), 'hex');
  if (bytes.length !== 32) throw new StoreFailure('DIVE-1004', 'the key file does not hold 32 bytes in hex');
  return { bytes, id: createHash('sha256').update('dive key id').update(bytes).digest('hex').slice(0, 16) };
}

/** Keyed, so that a digest seen in a plan or a workflow tells nothing about a short password inside. */
export function keyedDigest(key: Key, text: string): string {
  return createHmac('sha256', key.bytes).update(text).digest('hex');
}

export function encrypt(key: Key, digest: string, text: string): { nonce: Buffer; ciphertext: Buffer } {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(digest));
  return { nonce, ciphertext: Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]) };
}

export function decrypt(
  key: Key,
  digest: string,
  sealed: { keyId: string; nonce: Buffer; ciphertext: Buffer },
): string {
  if (sealed.keyId !== key.id)
    throw new StoreFailure('DIVE-1004', `this was encrypted with another key (${sealed.keyId}), not ${key.id}`);
  const body = sealed.ciphertext.subarray(0, -16);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, sealed.nonce)
    .setAAD(Buffer.from(digest))
    .setAuthTag(sealed.ciphertext.subarray(-16));
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}
