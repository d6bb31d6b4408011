import fc from 'fast-check';
import { judge, verdict, watch, type Observation, type VerdictRules, type Watch } from '../../domain/verdict.ts';

const RULES: VerdictRules = { timeoutMs: 10_000 };

/** One observation a second. `+` good answer, `-` bad one, `.` not asked, `x` exited 3, `r` restarting. */
function seen(story: string): [Observation, ...Observation[]] {
  let restartCount = 0;
  const observations = story.split('').map((sign, index): Observation => {
    const base = { atMs: 1000 + index * 1000, probes: [] };
    if (sign === 'r') {
      restartCount += 1;
      return { ...base, state: 'restarting', exitCode: 3, restartCount };
    }
    const states: Record<string, string> = { x: 'exited', p: 'paused', g: 'gone', c: 'created' };
    const state = states[sign];
    if (state !== undefined) return { ...base, state, restartCount, ...(sign === 'x' ? { exitCode: 3 } : {}) };
    if (sign === 'H' || sign === 'U') {
      return {
        ...base,
        state: 'running',
        restartCount,
        health: sign === 'H' ? 'healthy' : 'unhealthy',
        probes: [answer(false)],
      };
    }
    return { ...base, state: 'running', restartCount, probes: sign === '.' ? [] : [answer(sign === '+')] };
  });
  const [first, ...rest] = observations;
  if (first === undefined) throw new Error('an empty story');
  return [first, ...rest];
}

function answer(ok: boolean): Observation['probes'][number] {
  return { level: 2, ok, evidence: ok ? 'exit 0' : 'exit 1: refused', latencyMs: 1 };
}

test.each([
  ['.', 'starting', undefined, 'running'],
  ['c', 'starting', undefined, 'created'],
  ['--', 'starting', undefined, 'exit 1: refused'],
  ['--+', 'healthy', undefined, 'exit 0'],
  ['+.', 'healthy', undefined, 'running'],
  ['--H', 'starting', undefined, 'exit 1: refused'],
  ['+H', 'starting', undefined, 'exit 1: refused'],
  ['--U', 'starting', undefined, 'exit 1: refused'],
  ['-----------', 'never-healthy', 'DIVE-1204', 'not healthy within 10 s: exit 1: refused'],
  ['--x', 'exited', 'DIVE-1202', 'exit 3'],
  ['++x', 'exited', 'DIVE-1202', 'exit 3'],
  ['-p', 'paused', 'DIVE-1206', 'the container is paused'],
  ['-g', 'gone', 'DIVE-1207', 'the container is gone'],
  ['-r-', 'starting', undefined, 'restarted once; exit 1: refused'],
  ['-rrr-', 'starting', undefined, 'restarted 3 times; exit 1: refused'],
  ['-rrr+', 'healthy', undefined, 'exit 0'],
  ['-rrrrr', 'crash-loop', 'DIVE-1202', 'restarted 5 times, exit 3'],
  ['-r-r-r-r-r-', 'crash-loop', 'DIVE-1202', 'restarted 5 times, exit 3'],
  ['+-', 'starting', undefined, 'exit 1: refused'],
  ['+-+', 'healthy', undefined, 'exit 0'],
  ['+-+-', 'flapping', 'DIVE-1205', 'healthy and sick by turns, 3 changes; exit 1: refused'],
  ['-+-.-+-', 'flapping', 'DIVE-1205', 'healthy and sick by turns, 3 changes; exit 1: refused'],
  ['+r+r', 'flapping', 'DIVE-1205', 'healthy and sick by turns, 3 changes; restarting'],
  ['-+++++++++++++', 'healthy', undefined, 'exit 0'],
])('%s is %s', (story, expected, code, evidence) => {
  expect(verdict(seen(story), RULES)).toEqual({ verdict: expected, evidence, ...(code === undefined ? {} : { code }) });
});

test.each([
  ['+', 'healthy', 'exit 0'],
  ['-', 'starting', 'exit 1: refused'],
  ['-+', 'starting', 'healthy again, was sick a moment ago; exit 0'],
  ['-++', 'starting', 'healthy again, was sick a moment ago; exit 0'],
  ['-+++', 'healthy', 'exit 0'],
  ['-+-', 'flapping', 'healthy and sick by turns, 3 changes; exit 1: refused'],
])('of one that was healthy before, %s is %s', (story, expected, evidence) => {
  expect(verdict(seen(story), { ...RULES, wasHealthy: true, settleMs: 2000 })).toMatchObject({
    verdict: expected,
    evidence,
  });
});

test('a death by memory says so', () => {
  const [first] = seen('x');
  expect(verdict([{ ...first, exitCode: 137, oomKilled: true }], RULES).evidence).toBe(
    'killed for its memory (exit 137)',
  );
});

test('a restart that nobody saw counts: twice healthy, but not the same process', () => {
  const [a, b, c] = seen('+++');
  const missed = [a, b, c].map((o, index) => ({ ...(o ?? a), restartCount: index }));
  const [first, ...rest] = missed;
  expect(verdict([first ?? a, ...rest], RULES).verdict).toBe('flapping');
});

const story = fc.stringMatching(/^[-+.xrpcHU]{1,40}$/);

test('one memory carried on through JSON tells the same as the whole sequence', () => {
  fc.assert(
    fc.property(story, (text) => {
      let memory: Watch | undefined;
      for (const observation of seen(text)) {
        const carried: Watch | undefined = memory === undefined ? undefined : JSON.parse(JSON.stringify(memory));
        memory = watch(carried, observation, RULES);
      }
      expect(memory && judge(memory, RULES)).toEqual(verdict(seen(text), RULES));
    }),
  );
});

test('slowness alone is never called flapping or a crash loop', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[-.c]{0,60}\+?$/).filter((text) => text !== ''),
      (text) => {
        expect(['starting', 'healthy', 'never-healthy']).toContain(verdict(seen(text), RULES).verdict);
      },
    ),
  );
});

test('what ends dead is never called healthy or starting', () => {
  fc.assert(
    fc.property(story, (text) => {
      expect(['exited', 'crash-loop', 'flapping']).toContain(verdict(seen(`${text}x`), RULES).verdict);
    }),
  );
});
