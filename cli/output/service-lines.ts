// One line a service, as `dive status` shows them. Pure: no line is wider than the terminal.
import type { ExplainedStatus } from '../under-way.ts';
import { duration, fit } from './durations.ts';
import type { Output } from './output.ts';

/** For how a service is: `healthy`, and more room only where one is `starting`. */
const HEALTH_WIDTH = 7;
/** `optional`, the longest class. */
const CLASS_WIDTH = 8;
/** A name leaves room for at least so much of what comes after it. */
const REST_WIDTH = 40;

export function serviceLines(
  services: readonly ExplainedStatus[],
  output: Pick<Output, 'answerColumns' | 'green' | 'red' | 'dim'>,
  nowMs: number,
): string[] {
  const rows = services.map((s) => ({
    ...s,
    age: s.since === null ? '' : duration(nowMs - Date.parse(s.since)),
    word: s.healthy ? 'healthy' : (s.underWay ?? (s.victimOf === null ? 'SICK' : 'victim')),
    text: s.victimOf === null ? s.evidence : `of ${s.victimOf}: ${s.evidence}`,
  }));
  const names = Math.min(
    Math.max(8, ...rows.map((r) => r.service.length)),
    Math.max(8, output.answerColumns - REST_WIDTH),
  );
  const words = Math.max(HEALTH_WIDTH, ...rows.map((r) => r.word.length));
  const ages = Math.max(8, ...rows.map((r) => r.age.length));
  return rows.map((r) => {
    const name = fit(r.service, names).padEnd(names);
    const colour = r.healthy ? 'green' : r.underWay === null ? 'red' : 'dim';
    const health = output[colour](r.word.padEnd(words));
    const room = output.answerColumns - names - CLASS_WIDTH - words - ages - 9;
    return `  ${name}  ${r.class.padEnd(CLASS_WIDTH)} ${health}  ${r.age.padEnd(ages)}  ${fit(r.text, room)}`.trimEnd();
  });
}
