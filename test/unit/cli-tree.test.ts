import { type Canvas, treeText } from '../../cli/output/tree.ts';
import type { Progress, ServiceProgress, WaitHeartbeat } from '../../domain/messages.ts';

const BEGUN = 1_000_000;
const SYMBOLS = { ok: '+', bad: 'x', busy: '*', idle: '.', degraded: '!' };
const itself = (text: string): string => text;

function canvas(columns: number, rows = 24): Canvas {
  return { columns, rows, symbol: (name) => SYMBOLS[name], green: itself, red: itself, dim: itself, plain: itself };
}

function row(service: string, more: Partial<ServiceProgress> = {}): ServiceProgress {
  return { service, phase: 'waiting', waitsFor: [], sinceMs: BEGUN, ...more };
}

function progress(services: readonly ServiceProgress[], more: Partial<Progress> = {}): Progress {
  const base = { version: 1, instance: 'MYAPP', operation: 41, paused: false, criticalPathMs: 19_000 } as const;
  return { ...base, state: 'DEPLOYING', services, events: [], ...more };
}

const SERVICES = [
  row('postgres', { phase: 'healthy', ms: 2100, evidence: 'wrote and read a row in 4 ms' }),
  row('keycloak', { phase: 'probing', usualMs: 13_000, sinceMs: BEGUN + 2600 }),
  row('a-service-with-quite-a-long-name', { waitsFor: ['keycloak', 'postgres', 'backend'] }),
  row('cache', { phase: 'kept', evidence: 'port 6379 accepts' }),
  row('mail', { phase: 'degraded', evidence: 'exits as soon as it starts: exit 3, and says a great many things' }),
];
const WAITS: WaitHeartbeat[] = [
  { service: 'keycloak', phase: 'probing', answer: '/health/ready says 503', tries: 12 },
  { service: 'mail', phase: 'pulling', answer: '3 of 7 layers, 120 MB and some more words to be cut off' },
];

test('says of each what it does, since when, its last answer and what is usual', () => {
  expect(treeText(canvas(90), progress(SERVICES.slice(0, 2)), WAITS.slice(0, 1), BEGUN + 12_400, BEGUN).split('\n')).toEqual([
    'MYAPP  operation 41 . Ctrl-C detaches, it goes on',
    '',
    '  + postgres  healthy  2.1 s    wrote and read a row in 4 ms',
    '  * keycloak  starting 9.8 s    /health/ready says 503 (try 12), usually 13.0 s',
    '',
    '  12.4 s of about 19 s',
  ]); // prettier-ignore
});

test.each([80, 60, 40, 30])('no line is wider than %i columns, and every service keeps its name', (columns) => {
  const lines = treeText(canvas(columns), progress(SERVICES), WAITS, BEGUN + 12_400, BEGUN).split('\n');
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
  for (const name of ['postgres', 'keycloak', 'a-serv', 'cache', 'mail']) {
    expect(lines.some((line) => line.slice(4).startsWith(name))).toBe(true);
  }
});

test('of more services than rows those are shown that need a look or are under way, and the others are counted', () => {
  const phase = (i: number): Partial<ServiceProgress> =>
    i < 20 ? { phase: 'healthy' } : i < 24 ? { phase: 'probing' } : i === 29 ? { phase: 'failed' } : {};
  const many = Array.from({ length: 30 }, (_, i) => row(`s${i}`, phase(i)));
  const shown = (rows: number): string[] => treeText(canvas(80, rows), progress(many), [], BEGUN, BEGUN).split('\n');
  expect(shown(20).length).toBe(20 - 1);
  const names = (lines: readonly string[]) => lines.flatMap((l) => /^ {2}\S (s\d+)/.exec(l)?.[1] ?? []);
  expect(names(shown(20))).toEqual(['s0', 's1', 's2', 's3', ...Array.from({ length: 10 }, (_, i) => `s${i + 20}`)]);
  expect(shown(20)).toContain('  ... and 16 more: 16 healthy');
  expect(names(shown(12))).toEqual(['s20', 's21', 's22', 's23', 's24', 's29']);
  expect(shown(12)).toContain('  ... and 24 more: 20 healthy, 4 waiting');
  // In a count, too, who is asked is starting.
  expect(shown(10)).toContain('  ... and 26 more: 20 healthy, 1 starting, 5 waiting');
});

test.each([
  [18_900, '  18.9 s of about 19 s'],
  [24_300, '  24.3 s, expected: about 19 s'],
])('after %d ms it tells how long it should take', (elapsedMs, foot) => {
  expect(treeText(canvas(80), progress(SERVICES), [], BEGUN + elapsedMs, BEGUN).split('\n')).toContain(foot);
});

test.each<Partial<Progress>>([
  { failure: { code: 'DIVE-1202', what: 'exited (3)', service: 'mail' } },
  { state: 'ROLLING_BACK' },
])('when it has failed or is cancelled nothing is called starting any more: %j', (more) => {
  const lines = treeText(canvas(80), progress(SERVICES.slice(0, 3), more), WAITS, BEGUN + 12_400, BEGUN).split('\n');
  expect(lines.slice(2, 5).map((line) => line.slice(36, 56).trimEnd())).toEqual([
    '  healthy  2.1 s',
    '  was starting',
    '  not started',
  ]);
});

test('on the way down it says who is stopped, since when, who waits for it, and how it went', () => {
  const rows = [
    row('web', { phase: 'removed', ms: 120, evidence: '' }),
    row('old', { phase: 'removed', ms: 3100, evidence: 'it did not end within 3 s and was killed' }),
    row('api', { phase: 'stopping', sinceMs: BEGUN + 1000, evidence: 'killed after 10 s' }),
    row('db', { waitsFor: ['api'] }),
    row('cache', { phase: 'restored' }),
  ];
  const lines = treeText(canvas(80), progress(rows, { state: 'CLEANUP' }), [], BEGUN + 4000, BEGUN).split('\n');
  expect(lines.slice(2, 7)).toEqual([
    '  + web       removed  0.1 s',
    '  + old       removed  3.1 s    it did not end within 3 s and was killed',
    '  * api       stopping 3.0 s    killed after 10 s',
    '  . db        waits for api',
    '  + cache     as before',
  ]);
});

test('after a failure it tells no longer how long it should take, and who is being stopped', () => {
  const failure = { code: 'DIVE-1202', what: 'exited (3)', service: 'mail' } as const;
  const foot = (more: Partial<Progress>, waits: readonly WaitHeartbeat[] = []) =>
    treeText(canvas(80), progress(SERVICES, more), waits, BEGUN + 3000, BEGUN)
      .split('\n')
      .at(-1);
  expect(foot({ failure })).toBe('  3.0 s');
  expect(foot({ failure, state: 'ROLLING_BACK' }, [{ service: 'mail', phase: 'stopping' }])).toBe(
    '  3.0 s . taking back what it did: stops mail',
  );
});

test('a pause and a taking back are said', () => {
  const foot = (more: Partial<Progress>) =>
    treeText(canvas(80), progress([], more), [], BEGUN + 1000, BEGUN)
      .split('\n')
      .at(-1);
  expect(foot({ paused: true })).toContain('paused: dive resume MYAPP');
  expect(foot({ state: 'ROLLING_BACK' })).toContain('taking back');
});
