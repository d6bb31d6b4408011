// One secret in every form in which a log may show it.

/** `base64` of a shell breaks its lines there. */
const LINE = 76;
/** Shorter pieces of base64 would be found in ordinary words. */
const SHORTEST = 8;

/** As it is, percent-encoded, as a form sends it, inside JSON, and in base64 whatever stands before and behind it. */
export function secretForms(text: string): string[] {
  const encoded = encodeURIComponent(text);
  const whole = Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
  return [
    ...new Set([
      text,
      encoded,
      strict(encoded),
      encoded.replaceAll(/%../g, (code) => code.toLowerCase()),
      new URLSearchParams([['', text]]).toString().slice(1),
      JSON.stringify(text).slice(1, -1),
      ...[whole, ...[0, 1, 2].map((before) => inside(text, before))].flatMap(lines).flatMap(alphabets),
    ]),
  ];
}

/** RFC 3986 reserves these too. */
function strict(encoded: string): string {
  return encoded.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The characters of base64 that hold nothing but the text, when so many bytes (modulo 3) stand before it. */
function inside(text: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text, 'utf8')]);
  return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

function lines(text: string): string[] {
  if (text.length <= LINE) return [text];
  const starts = Array.from({ length: Math.ceil(text.length / LINE) }, (_, index) => index * LINE);
  return [text, ...starts.map((at) => text.slice(at, at + LINE)).filter((line) => line.length >= SHORTEST)];
}

/** That of files and that of URLs. */
function alphabets(text: string): string[] {
  return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
}
