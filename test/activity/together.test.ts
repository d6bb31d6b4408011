// Several services in one activity.
import { setTimeout as pause } from 'node:timers/promises';
import { allOrNone, inOrder } from '../../activities/together.ts';
import { planned } from '../support/fake-site.ts';

const plan = planned({
  db: {},
  app: { after: { db: 'service_started' } },
  web: { after: { app: 'service_started' } },
  other: {},
});

test('who depends on another one of the row is begun when that is done, the rest at once', async () => {
  const story: string[] = [];
  await inOrder(plan, async ({ name }) => {
    story.push(`begin ${name}`);
    await pause(5);
    story.push(`end ${name}`);
    return name;
  });
  expect(story.indexOf('begin app')).toBeGreaterThan(story.indexOf('end db'));
  expect(story.indexOf('begin web')).toBeGreaterThan(story.indexOf('end app'));
  expect(story.indexOf('begin other')).toBeLessThan(story.indexOf('end db'));
});

test('the first failure is thrown when all have ended, and what depends on it is not begun', async () => {
  const begun: string[] = [];
  const ran = inOrder(plan, ({ name }) => {
    begun.push(name);
    return name === 'db' ? Promise.reject(new Error('of db')) : Promise.resolve(name);
  });
  await expect(ran).rejects.toThrow('of db');
  expect(begun.sort()).toEqual(['db', 'other']);
});

test('of all or none the first failure stops the others, and is the one that is thrown', async () => {
  const stopped: string[] = [];
  const ran = allOrNone([
    () => Promise.reject(new Error('first')),
    (stop) =>
      pause(10_000, undefined, { signal: stop }).catch(() => {
        stopped.push('second');
        throw new Error('second');
      }),
  ]);
  await expect(ran).rejects.toThrow('first');
  expect(stopped).toEqual(['second']);
});
