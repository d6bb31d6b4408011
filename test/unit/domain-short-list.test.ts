import { shortList } from '../../domain/short-list.ts';

const chain = (length: number): string[] => Array.from({ length }, (_, n) => `s${n}`);

test('a list is told whole, a long one by its ends', () => {
  expect(shortList([])).toBe('');
  expect(shortList(['db', 'app', 'web'])).toBe('db, app, web');
  expect(shortList(chain(8))).toBe('s0, s1, s2, s3, s4, s5, s6, s7');
  expect(shortList(chain(60))).toBe('s0, s1, s2, 54 more, s57, s58, s59');
});
