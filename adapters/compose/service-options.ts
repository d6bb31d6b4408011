// `x-dive` of a service, which Compose itself ignores: checked strictly, durations to milliseconds.
import { z } from 'zod';
import type { Finding } from '../../schema/finding.ts';
import { toPlain, type JsonMap } from '../../schema/ordered-json.ts';
import { ServiceOptions } from '../../schema/service-options.ts';
import { durationNs } from './duration.ts';
import { asMap } from './read.ts';

const Duration = z.string().transform((text, context) => {
  const ns = durationNs(text);
  if (ns !== undefined) return Math.round(ns / 1e6);
  context.addIssue({ code: 'custom', message: 'no duration such as 90s or 4m' });
  return z.NEVER;
});
const Timeout = Duration.pipe(z.number().min(1000, 'at least 1s').max(3_600_000, 'at most 1h'));
const Settle = Duration.pipe(z.number().max(600_000, 'at most 10m'));

const { probes: Probes, remediation: Remediation } = ServiceOptions.shape;
export const WrittenOptions = z
  .strictObject({
    timeout: Timeout.optional(),
    settle: Settle.optional(),
    probes: Probes,
    remediation: Remediation,
  })
  .refine(({ timeout, settle }) => timeout === undefined || settle === undefined || settle < timeout, {
    path: ['settle'],
    message: 'not shorter than the timeout: it could never be up',
  });

export interface OptionsResult {
  readonly options: ReadonlyMap<string, ServiceOptions>;
  readonly findings: readonly Finding[];
}

/** `services` as the file has them, not interpolated; only those `active` count. */
export function serviceOptions(services: JsonMap, active: JsonMap): OptionsResult {
  const options = new Map<string, ServiceOptions>();
  const findings: Finding[] = [];
  for (const [name, service] of services) {
    const written = asMap(service).get('x-dive');
    if (written === undefined || !active.has(name)) continue;
    const plain = toPlain(written);
    const path = `services.${name}.x-dive`;
    const variables = interpolated(plain, path);
    const parsed = WrittenOptions.safeParse(plain);
    findings.push(
      ...variables.map((at) => finding(at, 'variables are not replaced in x-dive: write the value itself')),
    );
    if (variables.length > 0) continue;
    if (!parsed.success) findings.push(...parsed.error.issues.flatMap((issue) => issueFindings(issue, path)));
    else options.set(name, read(parsed.data));
  }
  return { options, findings };
}

function read({ timeout, settle, probes, remediation }: z.infer<typeof WrittenOptions>): ServiceOptions {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(settle === undefined ? {} : { settleMs: settle }),
    ...(probes === undefined ? {} : { probes }),
    ...(remediation === undefined ? {} : { remediation }),
  };
}

function issueFindings(issue: z.core.$ZodIssue, path: string): Finding[] {
  const at = [path, ...issue.path.map(String)].join('.');
  if (issue.code !== 'unrecognized_keys') return [finding(at, issue.message)];
  return issue.keys.map((key) =>
    finding(`${at}.${key}`, `${key} is not known here; known: ${Object.keys(WrittenOptions.shape).join(', ')}`),
  );
}

function interpolated(value: unknown, path: string): string[] {
  if (typeof value === 'string') return /(^|[^$])\$(\{|[A-Za-z_])/.test(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => interpolated(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => interpolated(item, `${path}.${key}`));
}

function finding(path: string, message: string): Finding {
  return { code: 'DIVE-1110', path, message };
}
