import { usedShare } from '../../activities/keeps-running.ts';
import { threadState } from '../../adapters/docker/processor-time.ts';

const at = (atMs: number, usedMs: number): { atMs: number; usedMs: number } => ({ atMs, usedMs });

test.each([
  ['did nothing', at(0, 40), at(1000, 40), 0],
  ['did next to nothing', at(0, 40), at(1000, 50), 0.01],
  ['works on two processors', at(0, 40), at(500, 1040), 2],
  ['was read twice in one moment', at(0, 40), at(200, 40), Number.NaN],
  ['was started again: it had used more before', at(0, 400), at(1000, 40), Number.NaN],
])('who %s', (_what, before, after, share) => expect(usedShare(before, after)).toBe(share));

test.each([
  ['17 (sleep) S 1 17 17 0 -1', 'S'],
  ['17 (a ) R (b) D 1 17 17 0 -1', 'D'],
  ['17 (R S) R 1 17 17 0 -1', 'R'],
  ['', undefined],
])('the state in %j', (stat, state) => expect(threadState(stat)).toBe(state));
