// Random secrets and the search for them, in every form in which a log, a payload or a row may hold them.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Random in every part: whatever of it is found somewhere came from here. */
export function canary(special = ''): string {
  return `${randomBytes(6).toString('hex')}${special}${randomBytes(6).toString('hex')}`;
}

export interface Hunt {
  /** Names of the texts found. */
  readonly found: (place: Buffer | string) => string[];
}

/** `texts` by name. Forms: plain, percent-encoded, as in a form, inside JSON, and base64 whatever stands before. */
export function hunt(texts: Readonly<Record<string, string>>): Hunt {
  const wanted = Object.entries(texts).map(([name, text]) => ({ name, forms: forms(text).map((f) => Buffer.from(f)) }));
  return {
    found(place) {
      const bytes = typeof place === 'string' ? Buffer.from(place) : place;
      return wanted.filter(({ forms: all }) => all.some((form) => bytes.includes(form))).map(({ name }) => name);
    },
  };
}

function forms(text: string): string[] {
  const encoded = encodeURIComponent(text);
  return [
    ...new Set([
      text,
      encoded,
      encoded.replaceAll(/%../g, (code) => code.toLowerCase()),
      new URLSearchParams([['', text]]).toString().slice(1),
      JSON.stringify(text).slice(1, -1),
      ...[0, 1, 2].flatMap((before) => {
        const inside = base64Inside(text, before);
        return [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
      }),
    ]),
  ];
}

/** The characters of base64 that hold nothing but `text`, when `before` bytes (modulo 3) precede it. */
function base64Inside(text: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

/** Every file below, by its path there; what goes away meanwhile is left out. */
export function filesBelow(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    try {
      return entry.isFile() ? [{ name: path.relative(folder, file), bytes: readFileSync(file) }] : [];
    } catch {
      return [];
    }
  });
}
