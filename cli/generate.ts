import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComposeSource } from '../schema/spec.ts';

/** Random characters of a generated secret; letters and digits only, so no file or URL needs to quote it. */
const LENGTH = 32;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomText(): string {
  // 248 is the largest multiple of 62 below 256: bytes above it would favour the first letters.
  let text = '';
  while (text.length < LENGTH) {
    for (const byte of randomBytes(LENGTH))
      if (byte < 248 && text.length < LENGTH) text += ALPHABET[byte % ALPHABET.length] ?? '';
  }
  return text;
}

/** The file generated variables belong into: the first env file, else `.env` beside the Compose file. */
export function secretsFile(source: ComposeSource): string {
  return source.envFiles[0] ?? join(source.workingDir, '.env');
}

/** Those of `names` that the file does not give a value yet. */
export async function missingNames(source: ComposeSource, names: readonly string[]): Promise<string[]> {
  const file = secretsFile(source);
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  const has = new Set([...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*\S/gm)].map((m) => m[1]));
  return names.filter((n) => !has.has(n) && !source.environment[n]);
}

/**
 * Puts the variables that are missing into the instance's first env file (`.env` beside the Compose file by default),
 * which plain Compose reads too. What is there is never changed. Gives the names made.
 */
export async function generateMissing(source: ComposeSource, names: readonly string[]): Promise<string[]> {
  const missing = await missingNames(source, names);
  if (missing.length === 0) return [];
  const file = secretsFile(source);
  const text = existsSync(file) ? await readFile(file, 'utf8') : '';
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeFile(file, start + missing.map((n) => `${n}=${randomText()}\n`).join(''), { mode: 0o600 });
  await chmod(file, 0o600);
  return missing;
}
