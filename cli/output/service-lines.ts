// One line a service, as `dive status` shows them. Pure: no line is wider than the terminal.
import type { ServiceStatus } from '../ask-services.ts';
import { duration, fit } from './durations.ts';
import type { Output } from './output.ts';

/** Longest word for how a service is: healthy, victim, SICK. */
const HEALTH_WIDTH = 7;
/** `optional`, the longest class. */
const CLASS_WIDTH = 8;
/** A name leaves room for at least so much of what comes after it. */
const REST_WIDTH = 40;

export function serviceLines(
  services: readonly ServiceStatus[],
  output: Pick<Output, 'answerColumns' | 'green' | 'red'>,
  nowMs: number,
): string[] {
  const rows = services.map((s) => ({
    ...s,
    age: s.since === null ? '' : duration(nowMs - Date.parse(s.since)),
    word: s.healthy ? 'healthy' : s.victimOf === null ? 'SICK' : 'victim',
    text: s.victimOf === null ? s.evidence : `of ${s.victimOf}: ${s.evidence}`,
  }));
  const names = Math.min(
    Math.max(8, ...rows.map((r) => r.service.length)),
    Math.max(8, output.answerColumns - REST_WIDTH),
  );
  const ages = Math.max(8, ...rows.map((r) => r.age.length));
  return rows.map((r) => {
    const name = fit(r.service, names).padEnd(names);
    const health = output[r.healthy ? 'green' : 'red'](r.word.padEnd(HEALTH_WIDTH));
    const room = output.answerColumns - names - CLASS_WIDTH - HEALTH_WIDTH - ages - 9;
    return `  ${name}  ${r.class.padEnd(CLASS_WIDTH)} ${health}  ${r.age.padEnd(ages)}  ${fit(r.text, room)}`.trimEnd();
  });
}
