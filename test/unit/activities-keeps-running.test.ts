import { isIdle } from '../../activities/keeps-running.ts';

const at = (atMs: number, usedMs: number): { atMs: number; usedMs: number } => ({ atMs, usedMs });

test.each([
  ['did nothing', at(0, 40), at(1000, 40), true],
  ['did next to nothing', at(0, 40), at(1000, 59), true],
  ['works', at(0, 40), at(1000, 300), false],
  ['works a little, all the time', at(0, 40), at(1000, 70), false],
  ['was read twice in one moment', at(0, 40), at(200, 40), false],
  ['was started again: it had used more before', at(0, 400), at(1000, 40), false],
])('who %s', (_what, before, after, idle) => expect(isIdle(before, after)).toBe(idle));
