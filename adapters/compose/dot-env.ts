// Reads an env file as far as Compose's own settings need it (COMPOSE_FILE, COMPOSE_PROFILES, …); the values that the
// files interpolate come from the Compose command itself.

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*(.*?)\s*$/;

export function readDotEnv(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = line.trimStart().startsWith('#') ? null : LINE.exec(line);
    if (match !== null) variables.set(match[1] ?? '', unquote(match[2] ?? ''));
  }
  return variables;
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(value);
  // A `#` begins a comment only after a space.
  return quoted === null ? value.replace(/\s+#.*$/, '') : (quoted[2] ?? '');
}
