// Where the command's words go: stdout is the answer, stderr is the story.
import { stripVTControlCharacters } from 'node:util';
import { createColors } from 'picocolors';
import type { CommandConfig } from '../config.ts';

export type Mode = 'json' | 'quiet' | 'normal';

export class Output {
  readonly mode: Mode;
  readonly #config: CommandConfig;
  readonly #colours: ReturnType<typeof createColors>;

  constructor(config: CommandConfig, mode: Mode) {
    this.#config = config;
    this.#colours = createColors(config.colour);
    this.mode = mode;
  }

  get terminal(): boolean {
    return this.#config.terminal && this.mode === 'normal';
  }

  get unicode(): boolean {
    return this.#config.unicode;
  }

  /** Columns of the terminal; 80 in a pipe. */
  get columns(): number {
    return process.stderr.columns || 80;
  }

  /** Columns for a line of the answer: in a pipe nothing is cut. */
  get answerColumns(): number {
    return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
  }

  /** Rows of the terminal; a pseudo-terminal of a script may say 0, which means that it does not know. */
  get rows(): number {
    return process.stderr.rows || 24;
  }

  /** A line of the story; silent with --json and --quiet. */
  note(line: string): void {
    if (this.mode === 'normal') process.stderr.write(`${this.plain(line)}\n`);
  }

  /** A line of the answer; silent with --json. Without colours in a pipe, whoever looks at the story. */
  say(line: string): void {
    if (this.mode === 'json') return;
    const text = this.plain(line);
    process.stdout.write(`${process.stdout.isTTY ? text : stripVTControlCharacters(text)}\n`);
  }

  /** The answer as JSON, one line; only with --json. */
  json(value: unknown): void {
    if (this.mode === 'json') process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Errors are shown in every mode. */
  error(line: string): void {
    process.stderr.write(`${this.plain(line)}\n`);
  }

  red(text: string): string {
    return this.#colours.red(text);
  }

  green(text: string): string {
    return this.#colours.green(text);
  }

  dim(text: string): string {
    return this.#colours.dim(text);
  }

  /** Arrows and dots of a sentence by their ASCII twins where others cannot be shown. */
  plain(text: string): string {
    return this.unicode ? text : text.replaceAll('→', '->').replaceAll(' · ', ' - ').replaceAll('↻', '@');
  }

  symbol(name: keyof typeof SYMBOLS): string {
    return SYMBOLS[name][this.unicode ? 0 : 1];
  }
}

/** Each with its ASCII twin. */
const SYMBOLS = {
  ok: ['✓', '+'],
  bad: ['✗', 'x'],
  busy: ['◐', '*'],
  idle: ['·', '.'],
  degraded: ['!', '!'],
} as const;
