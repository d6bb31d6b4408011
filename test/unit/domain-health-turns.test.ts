import { HealthTurns } from '../../domain/health-turns.ts';

/** `+` healthy, `-` sick; gives the number of the event that made it flap, from 1, or 0. */
function flapsAt(story: string): number {
  const turns = new HealthTurns();
  return story.split('').findIndex((sign) => turns.flaps('a', sign === '+')) + 1;
}

test.each([
  ['-----', 0],
  ['--+', 0],
  ['+-', 0],
  ['+-+', 0],
  ['+--+', 0],
  ['+-+-', 4],
  ['--+-+-', 6],
  ['+++---+++---', 10],
])('%s flaps with event %p', (story, at) => expect(flapsAt(story)).toBe(at));

test('each container is counted for itself', () => {
  const turns = new HealthTurns();
  const heard = [true, false, true].flatMap((healthy) => ['a', 'b'].map((id) => turns.flaps(id, healthy)));
  expect(heard).not.toContain(true);
  expect(turns.flaps('b', false)).toBe(true);
});
