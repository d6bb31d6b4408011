// Secrets that stand in the words of a file: after a flag, behind a name, in a URL, as a program's own short option.

/** Names whose value is a secret, wherever they stand: variables, labels, options. `key` alone says too little here. */
const SECRET_NAME =
  /pass(word|wd|phrase|code)|pass$|secret|token|credential|basic[._-]?auth|(api|access|private|signing|encryption)[._-]?key/i;
const SECRET_FLAG = /^-.*(password|passwd|token|key|secret)/i;
/** `--password-file /run/secrets/db` says where, not what. */
const PLACE = /(file|path|dir|folder|name)$/i;
/** `scheme://user:password@host`. */
const URL_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s/@]+)@/gi;
const HEADERS = [
  /authorization:\s*(?:bearer|basic)\s+([^\s"']+)/gi,
  /(?:token|secret|password|api-?key):\s+([^\s"']+)/gi,
];
/** Options of one letter that take a password, by the program: joined to it, as the next word, behind a user's name. */
const SHORT: readonly (readonly [RegExp, string, 'joined' | 'next' | 'behind a colon'])[] = [
  [/^(mysql|mariadb)/, '-p', 'joined'],
  [/^(redis|valkey)-cli$/, '-a', 'next'],
  [/^curl$/, '-u', 'behind a colon'],
  [/^sshpass$/, '-p', 'next'],
];

/** Does a value under this name count as a secret, whatever it says? */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !PLACE.test(name);
}

/** In arguments of a command; one that holds a whole line for a shell is taken apart. */
export function secretsInWords(words: readonly string[]): string[] {
  return [...secretsInArguments(words), ...words.flatMap((word) => (/\s/.test(word) ? secretsInText(word) : []))];
}

/** In a line for a shell, or a list of options: `user=x,password=y`. */
export function secretsInText(text: string): string[] {
  const words = [...text.matchAll(/(?:[^\s"';,&|()]+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/["']/g, ''),
  );
  return [...urlPasswords(text), ...HEADERS.flatMap((header) => captures(header, text)), ...secretsInArguments(words)];
}

/** Of every URL in the text, as it stands there and decoded. */
export function urlPasswords(text: string): string[] {
  return captures(URL_PASSWORD, text).flatMap((password) => [password, decoded(password)]);
}

function secretsInArguments(words: readonly string[]): string[] {
  const found = words.flatMap((word, index) => {
    const [name = '', ...rest] = word.split('=');
    const value = rest.join('=');
    if (value !== '' && (isSecretFlag(name) || isSecretName(name))) return [value];
    const before = words[index - 1] ?? '';
    const follows = isSecretFlag(before) && !before.includes('=') && !word.startsWith('-');
    return [...(follows ? [word] : []), ...urlPasswords(word), ...shortOption(words.slice(0, index), word)];
  });
  // A reference to a variable is none.
  return found.filter((value) => !value.startsWith('$'));
}

function isSecretFlag(name: string): boolean {
  return SECRET_FLAG.test(name) && !PLACE.test(name);
}

function shortOption(before: readonly string[], word: string): string[] {
  return SHORT.flatMap(([program, option, how]) => {
    if (!before.some((one) => program.test(one.split('/').at(-1) ?? ''))) return [];
    if (how === 'joined') return word.startsWith(option) ? [word.slice(option.length)] : [];
    if (before.at(-1) !== option) return [];
    if (how === 'next') return [word];
    return word.includes(':') ? [word.slice(word.indexOf(':') + 1)] : [];
  });
}

function captures(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
