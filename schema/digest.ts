// The only file that hashes: everything that must be equal to be the same is compared by this.
import { createHash } from 'node:crypto';

/** SHA-256 of the UTF-8 form of `text`, 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
