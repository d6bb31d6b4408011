// What the engine says of a registry that fails, in plain words: it quotes Go's own errors. Pure.

/** Who was asked, and how. */
export interface Asked {
  /** For people: `docker.io`, `registry.example:5000`. */
  readonly registry: string;
  /** A login was sent along. */
  readonly loggedIn: boolean;
}

export interface RegistryTrouble {
  /** "does not answer": said of the registry. */
  readonly words: string;
  /** It said no, and says the same when it is asked again. */
  readonly isFinal: boolean;
  /** What to do about it, a line each. */
  readonly next: readonly string[];
}

type Say = (found: RegExpExecArray, asked: Asked) => Pick<RegistryTrouble, 'words'> & Partial<RegistryTrouble>;

const no = (words: string, ...next: string[]): ReturnType<Say> => ({ words, isFinal: true, next });

function login({ registry }: Asked): string {
  return registry === 'docker.io' ? 'docker login' : `docker login ${registry}`;
}

/** First match first; those of logins and names were heard from engine 20.10, the others of newer ones were not. */
const WORDS: readonly (readonly [RegExp, Say])[] = [
  [
    /no basic auth credentials|authentication required|unauthorized|unexpected [^:]*status[^:]*(?:: | from [^:]+:[^ ]* )40[13]/i,
    (_, asked) =>
      no(asked.loggedIn ? 'does not take the login that is stored for it' : 'asks for a login', login(asked)),
  ],
  // Docker Hub and other hosted ones say the same of what is not there, of what is not shown, and of a wrong password.
  [
    /pull access denied|repository does not exist|insufficient_scope|(?:^|: )denied\b/i,
    (_, asked) =>
      no(
        `has no such image, or does not show it to ${asked.loggedIn ? 'the login that is stored for it' : 'you'}`,
        `${login(asked)}, or another name`,
      ),
  ],
  [
    /no matching manifest|does not match the specified platform/i,
    () => no('has it for other platforms only', 'Name one that it has: platform: linux/amd64'),
  ],
  [
    /manifest (?:for .*)?(?:unknown|not found)|name unknown|repository name not known|: not found$/i,
    () => no('has no such image', 'Check its name and its tag.'),
  ],
  [
    /x509: |certificate (?:signed by unknown|is not trusted|has expired)/i,
    (_, { registry }) =>
      no(
        'shows a certificate that the engine does not trust',
        `Its authority belongs into certs.d/${registry}/ca.crt of the engine.`,
      ),
  ],
  [
    /gave HTTP response to HTTPS client/i,
    (_, { registry }) =>
      no(
        'speaks HTTP without TLS',
        `Where that is meant: "insecure-registries": ["${registry}"] in the engine's daemon.json.`,
      ),
  ],
  [
    /unexpected (?:HTTP )?status(?: code)?[^:]*: (\d{3})|StatusCode: (\d{3})/i,
    (f) => ({ words: `answers wrongly (${f[1] ?? f[2]})` }),
  ],
  [
    /error (?:un|de)marshalling content|error parsing HTTP \d+ response body|invalid character '.' looking for beginning|media type[^"]*"?text\/html/i,
    () => ({ words: "sends something else, as a network's login page does" }),
  ],
  [/no such host|server misbehaving/i, () => ({ words: 'is not known by that name here' })],
  [/connection refused|no route to host|network is unreachable/i, () => ({ words: 'cannot be reached' })],
  [/connection reset|unexpected EOF|\bEOF$/i, () => ({ words: 'broke off' })],
  [/Client\.Timeout|deadline exceeded|i\/o timeout|TLS handshake timeout/i, () => ({ words: 'does not answer' })],
];

/** Undefined for what nobody has foreseen. */
export function registryTrouble(engineText: string, asked: Asked): RegistryTrouble | undefined {
  for (const [pattern, say] of WORDS) {
    const found = pattern.exec(engineText);
    if (found !== null) return { isFinal: false, next: [], ...say(found, asked) };
  }
  return undefined;
}
