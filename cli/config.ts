// The only reader of the environment in this room.
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { type EngineChoice, engineChoice } from '../adapters/docker/engine-choice.ts';
import type { Caller } from '../schema/inputs.ts';

export interface CommandConfig {
  /** Folder the command was called in. */
  readonly folder: string;
  /** Variables of the caller, for interpolation. */
  readonly environment: Record<string, string>;
  /** The engine that the environment names. */
  readonly engine: EngineChoice;
  readonly caller: Caller;
  /** A person looks at it: redraws and colours are welcome. */
  readonly terminal: boolean;
  /** Somebody can be asked a question. */
  readonly canAsk: boolean;
  /** Colours wanted (`NO_COLOR`, `TERM=dumb`). */
  readonly colour: boolean;
  /** Symbols beyond ASCII can be shown. */
  readonly unicode: boolean;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** The worker, which reads the Docker configuration, is in another folder. */
function environmentOf({ DOCKER_CONFIG: folder, ...env }: NodeJS.ProcessEnv): Record<string, string> {
  const said = Object.entries(env).flatMap(([k, v]): [string, string][] => (v === undefined ? [] : [[k, v]]));
  return Object.fromEntries(folder ? [...said, ['DOCKER_CONFIG', resolve(folder)]] : said);
}

export function commandConfig(env: NodeJS.ProcessEnv = process.env): CommandConfig {
  const plain = env['NO_COLOR'] !== undefined || env['TERM'] === 'dumb';
  const locale = env['LC_ALL'] ?? env['LC_CTYPE'] ?? env['LANG'] ?? '';
  const terminal = process.stderr.isTTY === true && env['CI'] !== 'true' && env['TERM'] !== 'dumb';
  return {
    folder: process.cwd(),
    environment: environmentOf(env),
    engine: engineChoice(env),
    caller: { user: env['SUDO_USER'] ?? userName(), host: hostname() },
    terminal,
    // `process.stdin` would load what reads it, which hardly any verb does.
    canAsk: isatty(0) && process.stderr.isTTY === true && env['CI'] !== 'true',
    colour: terminal && !plain,
    unicode: terminal && !plain && !/^(C|POSIX)$/.test(locale) && /utf-?8/i.test(locale || 'utf8'),
  };
}
