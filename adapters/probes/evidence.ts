import type { ExecAnswer } from '../../schema/probe.ts';

const MAX_LENGTH = 120;

/** One line, no control characters, at most 120 characters. */
export function evidence(text: string): string {
  const line = text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH - 1)}…`;
}

/** "3 s", "250 ms" */
export function duration(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`;
}

const SAYS_WHY = /\b(error|fatal|refused|denied|failed|failure|timed out|not found)\b/i;

/** "accepting connections", "exit 1: connection refused": of what it printed, the last line that says why, else the last line. */
export function execEvidence(answer: ExecAnswer, timeoutMs: number): string {
  switch (answer.kind) {
    case 'exited': {
      const why = answer.exitCode === 0 ? undefined : linesOf(answer.output).findLast((line) => SAYS_WHY.test(line));
      const said = why ?? lastLine(answer.output);
      if (answer.exitCode === 0) return said === '' ? 'its check passes' : evidence(said);
      return evidence(`exit ${answer.exitCode}${said === '' ? '' : `: ${said}`}`);
    }
    case 'timed-out':
      return `no answer in ${duration(timeoutMs)}`;
    case 'paused':
      return 'the container is paused';
    case 'not-running':
      return 'the container does not run';
    case 'gone':
      return 'the container is gone';
  }
}

export function lastLine(output: string): string {
  return linesOf(output).at(-1) ?? '';
}

function linesOf(output: string): string[] {
  return output
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
}
