// What the engine says of a registry that fails, in plain words: it quotes Go's own errors. Pure.

/** First match first; texts of engines 20.10 to 28. */
const WORDS: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [
    /unexpected (?:HTTP )?status(?: code)?[^:]*: (\d{3})|StatusCode: (\d{3})/i,
    (f) => `answers wrongly (${f[1] ?? f[2]})`,
  ],
  [
    /error (?:un|de)marshalling content|error parsing HTTP \d+ response body|invalid character '.' looking for beginning|media type[^"]*"?text\/html/i,
    () => "sends something else, as a network's login page does",
  ],
  [/no such host|server misbehaving/i, () => 'is not known by that name here'],
  [/connection refused|no route to host|network is unreachable/i, () => 'cannot be reached'],
  [/Client\.Timeout|deadline exceeded|i\/o timeout|TLS handshake timeout/i, () => 'does not answer'],
];

/** "does not answer", said of the registry; undefined for what it said itself about the image. */
export function registryTrouble(engineText: string): string | undefined {
  for (const [pattern, words] of WORDS) {
    const found = pattern.exec(engineText);
    if (found !== null) return words(found);
  }
  return undefined;
}
