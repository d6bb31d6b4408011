// A Docker health check as something we can run ourselves. Pure.
import type { HealthCheck } from '../../schema/spec.ts';
import type { HttpQuestion } from './probe.ts';

/** What the engine would run: `CMD` is an argument list, `CMD-SHELL` a text for the shell. */
export function checkArgv(test: readonly string[]): readonly string[] | undefined {
  const [kind, ...rest] = test;
  if (kind === 'CMD' && rest.length > 0) return rest;
  if (kind === 'CMD-SHELL' && rest.length > 0) return ['/bin/sh', '-c', rest.join(' ')];
  return undefined;
}

/** The words of the check, and whether a shell reads them. */
export function checkText(check: Pick<HealthCheck, 'test'>): string {
  return check.test.slice(1).join(' ').trim();
}

const FLAGS =
  /^(-[a-zA-Z]+|--(fail|silent|show-error|location|quiet|spider|no-verbose|tries=\d+|timeout=\d+)|\/dev\/null|-|\d+)$/;

/**
 * `curl -f http://localhost:8080/health || exit 1` and `wget -q --spider …`: the same can be asked by HTTP.
 * undefined for anything with more in it (pipes, variables, headers, a host that is not itself).
 */
export function plainHttpCheck(check: Pick<HealthCheck, 'test'>): HttpQuestion | undefined {
  const text = checkText(check)
    .replace(/(\|\|\s*(exit 1|false))$/, '')
    .replace(/\s*[12]?>\s*\/dev\/null(\s+2>&1)?\s*$/, '')
    .trim();
  if (/[|&;<>$`\\]/.test(text)) return undefined;
  const [tool = '', ...words] = text.split(/\s+/).map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
  if (!/^(\S*\/)?(curl|wget)$/.test(tool)) return undefined;
  const urls = words.filter((word) => /^(https?:\/\/)?(localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)[:/]/.test(word));
  const [url] = urls;
  if (url === undefined || urls.length > 1 || !words.every((word) => word === url || FLAGS.test(word)))
    return undefined;
  return question(url.includes('://') ? url : `http://${url}`);
}

function question(text: string): HttpQuestion | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:') return undefined;
  return { port: url.port === '' ? 80 : Number(url.port), path: `${url.pathname}${url.search}`, statuses: [] };
}

/** Ports of the container that a script asks by HTTP through bash's own sockets, where an image has no client for it. */
export function httpPortsOfScript(argv: readonly string[]): number[] {
  const text = argv.join(' ');
  if (!/\bHTTP\/1\.[01]\b/.test(text)) return [];
  return [...text.matchAll(/\/dev\/tcp\/(?:127\.0\.0\.1|localhost)\/(\d+)/g)].map(([, port]) => Number(port));
}
