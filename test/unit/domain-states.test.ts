import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATES, TRANSITIONS, isLegalTransition, settle } from '../../domain/states.ts';

/** The table written out a second time, as a person reads the design: state → where it may go. */
const LEGAL: Record<(typeof STATES)[number], string> = {
  UNKNOWN: 'INITIALIZING',
  INITIALIZING: 'DEPLOYING FAILED',
  DEPLOYING: 'CONFIGURING FAILED',
  CONFIGURING: 'VERIFYING FAILED',
  VERIFYING: 'COMPLETE FAILED',
  COMPLETE: 'INITIALIZING CLEANUP',
  FAILED: 'INITIALIZING ROLLING_BACK CLEANUP',
  ROLLING_BACK: 'COMPLETE CLEANUP FAILED',
  CLEANUP: 'UNKNOWN',
};

const pairs = STATES.flatMap((from) => STATES.map((to) => [from, to] as const));

test('nine states, eighteen transitions, none twice', () => {
  expect(STATES).toHaveLength(9);
  expect(pairs).toHaveLength(81);
  expect(pairs.filter(([from, to]) => isLegalTransition(from, to))).toHaveLength(18);
  expect(new Set(TRANSITIONS.map((t) => t.join('>'))).size).toBe(18);
});

test.each(pairs)('%s to %s', (from, to) => {
  expect(isLegalTransition(from, to)).toBe(LEGAL[from].split(' ').includes(to));
});

test('the database refuses by the same table', () => {
  const sql = readFileSync(join(__dirname, '../../adapters/store/migrations/000001.sql'), 'utf8');
  const insert = /INSERT INTO legal_transitions VALUES([^;]+);/.exec(sql)?.[1] ?? '';
  const there = [...insert.matchAll(/\('(\w+)', '(\w+)'\)/g)].map(([, from, to]) => `${from}>${to}`);
  expect(there.toSorted()).toEqual(TRANSITIONS.map((t) => t.join('>')).toSorted());
  const known = /CONSTRAINT known_state CHECK \(state IN \(([^)]+)\)/.exec(sql)?.[1] ?? '';
  expect([...known.matchAll(/'(\w+)'/g)].map(([, state]) => state)).toEqual([...STATES]);
});

test.each(STATES)(
  'an operation that was lost in %s is settled by legal steps, and a new one may begin there',
  (state) => {
    const way = [state, ...settle(state)];
    way.slice(1).forEach((to, i) => expect(isLegalTransition(way[i] ?? state, to)).toBe(true));
    const end = way.at(-1) ?? state;
    expect(isLegalTransition(end, 'INITIALIZING')).toBe(true);
  },
);

test('every state can be left and every one can be reached', () => {
  for (const state of STATES) {
    expect(TRANSITIONS.some(([from]) => from === state)).toBe(true);
    expect(TRANSITIONS.some(([, to]) => to === state)).toBe(true);
  }
});
