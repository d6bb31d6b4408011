// Does a service run the server of its image, or something else of it: a client, a backup, a migration? Pure.
import type { ServiceSpec } from '../../schema/spec.ts';

/** What may stand right before the name of a program. */
const BEFORE = /(^|[;&|({])$|^(exec|then|do|else|-c|--|tini|dumb-init)$|(entrypoint|entry-point)(\.sh)?$/;

/** `programs`: names, without folder, that start the server. Without a command of the file's own the image's runs. */
export function runsServer(service: Pick<ServiceSpec, 'body'>, programs: readonly string[]): boolean {
  const [entrypoint, command] = [textsOf(service.body['Entrypoint']), textsOf(service.body['Cmd'])];
  const words = [...entrypoint, ...command];
  // Only options: they are for the image's own entry point.
  if (words.length === 0 || (entrypoint.length === 0 && words[0]?.startsWith('-') === true)) return true;
  // A word may be a whole script for a shell.
  const tokens = words.flatMap((word) =>
    word
      .replaceAll('\n', ' ; ')
      .split(/\s+/)
      .filter((token) => token !== ''),
  );
  return tokens.some((token, index) => {
    const name = token.split('/').at(-1)?.replaceAll(/["';]/g, '') ?? '';
    return programs.includes(name) && (index === 0 || BEFORE.test(tokens[index - 1] ?? ''));
  });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
