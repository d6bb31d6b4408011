// A failure in five parts, always in this order: what, why, root, now, next.
import type { CommandFailure } from '../exit.ts';
import type { Output } from './output.ts';

const LABEL_WIDTH = 7;
/** A container's last log lines and a few words more. What goes on longer pushes the headline off the screen. */
const MOST_REASONS = 30;

function part(label: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`);
}

export function failureLines(output: Output, failure: CommandFailure): string[] {
  const { details, findings } = failure;
  const who = [failure.instance, details.service].filter((w) => w !== undefined).join(' ');
  const headline = `${who === '' ? '' : `${who}: `}${details.what}`;
  const said = new Set(details.why ?? []);
  const unsaid = findings.filter((f) => !said.has(f.message));
  const places = unsaid.map((f) => {
    const where = f.file === undefined ? '' : `${f.file}${f.line === undefined ? '' : `:${f.line}`}  `;
    return unsaid.length === 1 && f.message === details.what
      ? `${where}${f.path ?? ''}`.trim()
      : `${where}${f.message}`;
  });
  const file = unsaid.length === 0 && findings[0]?.file !== undefined ? [`in ${findings[0].file}`] : [];
  const why = shortened([...said, ...file, ...places.filter((p) => p !== '')]);
  return [
    output.red(`${output.symbol('bad')} ${headline}`) + `   ${details.code}`,
    ...part('why', why),
    ...part('root', details.root === undefined ? [] : [details.root]),
    ...part('now', failure.now),
    ...part('next', failure.next),
  ];
}

function shortened(lines: readonly string[]): readonly string[] {
  // One left out would take as much room as the line that says so.
  if (lines.length <= MOST_REASONS + 1) return lines;
  return [...lines.slice(0, MOST_REASONS), `and ${lines.length - MOST_REASONS} more: --json tells them all`];
}

export function failureJson(failure: CommandFailure): unknown {
  return {
    type: 'error',
    version: 1,
    instance: failure.instance ?? null,
    ...failure.details,
    errors: failure.findings.map((f) => ({
      code: f.code,
      file: f.file ?? null,
      line: f.line ?? null,
      path: f.path ?? null,
      message: f.message,
    })),
    now: failure.now,
    next: failure.next,
    exitCode: failure.exitCode,
  };
}
