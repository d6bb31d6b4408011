/** What a text that was cut ends with: ours, and the engine's own. */
const CUT = /(…|\.{3})$/;
/** Fewer characters of a secret tell nobody anything. */
const LEAST = 4;

/**
 * Puts `***` in place of every secret, in whatever forms the list has, and of the begin of one where the text was cut
 * and ends with dots. `secrets`: longest first.
 */
export function mask(text: string, secrets: readonly string[]): string {
  const masked = secrets.reduce((so, secret) => (secret === '' ? so : so.split(secret).join('***')), text);
  const dots = CUT.exec(masked)?.[0];
  if (dots === undefined) return masked;
  const kept = masked.slice(0, -dots.length);
  const longest = Math.max(0, ...secrets.map((secret) => commonLength(kept, secret)));
  return longest < LEAST ? masked : `${kept.slice(0, -longest)}***${dots}`;
}

/** Length of the longest end of `text` that is a begin of `secret`. */
function commonLength(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length >= LEAST; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
