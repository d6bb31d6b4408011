import { serviceLines } from '../../cli/output/service-lines.ts';
import type { ExplainedStatus } from '../../cli/under-way.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const itself = (text: string): string => text;

function service(name: string, agoMs: number | null, more: Partial<ExplainedStatus> = {}): ExplainedStatus {
  const since = agoMs === null ? null : new Date(NOW - agoMs).toISOString();
  const evidence = '/self-check says "allows, denies, and refuses a bad token", and more than fits in a line';
  const asked = { container: 'c', level: 4, healthy: true, evidence, victimOf: null, underWay: null, since };
  return { service: name, class: 'core', ...asked, ...more };
}

const SERVICES = [
  service('backend', 93_000),
  service('a-worker-of-the-night-with-a-name-of-fifty-letters', 23 * 3_600_000 + 59 * 60_000, { class: 'optional' }),
  service('keycloak', null, { healthy: false, evidence: 'its container is gone' }),
  service('web', 1000, { healthy: false, victimOf: 'keycloak', evidence: '/health says 503' }),
  service('late', null, { healthy: false, underWay: 'waiting', evidence: 'not started yet' }),
];
const uncoloured = { green: itself, red: itself, dim: itself };

test('on a terminal no line is wider than it, and the columns stand', () => {
  for (const answerColumns of [120, 80, 60]) {
    const lines = serviceLines(SERVICES, { answerColumns, ...uncoloured }, NOW);
    expect(lines).toHaveLength(5);
    expect(lines.filter((line) => line.length > answerColumns)).toEqual([]);
    expect(new Set(lines.map((line) => line.search(/healthy|SICK|victim|waiting/))).size).toBe(1);
  }
});

test('in a pipe nothing is cut', () => {
  const lines = serviceLines(SERVICES, { answerColumns: Infinity, ...uncoloured }, NOW);
  expect(lines[0]).toMatch(/^ {2}backend +core +healthy +1 min 33 s +\/self-check .* fits in a line$/);
  expect(lines[1]).toContain('a-worker-of-the-night-with-a-name-of-fifty-letters  optional healthy  23 h 59 min ');
  expect(lines[2]).toMatch(/keycloak +core +SICK +its container is gone$/);
  expect(lines[3]).toMatch(/web +core +victim +1\.0 s +of keycloak: \/health says 503$/);
  expect(lines[4]).toMatch(/late +core +waiting +not started yet$/);
});
