// A check that cannot fail proves nothing; `dive plan` says so. Pure.
import type { HealthCheck } from '../../schema/spec.ts';
import { checkText } from './health-check.ts';

/** Why the check cannot fail, or undefined when it can: "`… || true` hides every failure". */
export function vacuousReason(check: Pick<HealthCheck, 'test'>): string | undefined {
  const text = checkText(check);
  const isShell = check.test[0] === 'CMD-SHELL' || isShellCall(check.test);
  const script = isShell ? shellText(check.test) : text;
  if (!isShell) return simple(script);
  const hidden = /(?:\|\||;|&|\n)\s*(true|:|exit 0|\/bin\/true|\/usr\/bin\/true|echo\b[^|;&]*)\s*;?\s*$/.exec(script);
  if (hidden !== null && /\|\||;|&|\n/.test(script)) return `\`… ${hidden[0].trim()}\` hides every failure`;
  const parts = script.replace(/\|\|\s*(exit [1-9]\d*|false|\/bin\/false)\s*;?\s*$/, '').split(/&&|;|\n/);
  const reasons = parts.map((part) => simple(part.trim()));
  return reasons.every((reason) => reason !== undefined) ? reasons.at(-1) : undefined;
}

/** One command without shell syntax. */
function simple(command: string): string | undefined {
  const words = command
    .replace(/\s*[12]?>\s*(\/dev\/null|&1)/g, '')
    .trim()
    .split(/\s+/);
  const [tool = '', ...args] = words;
  const name = tool.replace(/^.*\//, '');
  if (/\|/.test(command) || (/[`$(]/.test(command) && name !== 'echo')) return undefined;
  if (name === 'true' || name === ':') return `\`${name}\` always succeeds`;
  if ((name === 'exit' || name === 'return') && (args[0] ?? '0') === '0') return '`exit 0` always succeeds';
  if (name === 'echo' || name === 'printf' || name === 'sleep' || name === 'pwd') return `\`${name}\` always succeeds`;
  if (name === 'kill' && args[0] === '-0' && args[1] === '1') return 'the first process always exists';
  const only = args.length === 1 ? args[0] : undefined;
  if (only !== undefined && /^(version|--version|-version|-V|--help|help)$/.test(only)) {
    return `\`${name} ${only}\` asks the program file, not the service`;
  }
  return undefined;
}

function isShellCall(test: readonly string[]): boolean {
  return test[0] === 'CMD' && /(^|\/)(ba|da|a)?sh$/.test(test[1] ?? '') && /^-\w*c$/.test(test[2] ?? '');
}

function shellText(test: readonly string[]): string {
  return (test[0] === 'CMD' ? test.slice(3) : test.slice(1)).join(' ').trim();
}
