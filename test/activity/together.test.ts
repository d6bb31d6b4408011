// Several services in one activity.
import { setTimeout as pause } from 'node:timers/promises';
import { allOrNone, dependantsFirst, inOrder } from '../../activities/together.ts';
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

test('on the way down each is begun as soon as all have ended that need it, also through one that is not there', async () => {
  const story: string[] = [];
  const done = await dependantsFirst(plan, ['db', 'web', 'other', 'unknown'], async (name) => {
    story.push(`begin ${name}`);
    await pause(name === 'other' ? 30 : 5);
    story.push(`end ${name}`);
    return name;
  });
  expect(done.toSorted()).toEqual(['db', 'other', 'unknown', 'web']);
  expect(story.indexOf('begin db')).toBeGreaterThan(story.indexOf('end web'));
  // Nobody needs it, and it keeps nobody.
  expect(story.indexOf('end other')).toBeGreaterThan(story.indexOf('begin db'));
  expect(story).not.toContain('begin app');
});

test('on the way down whom a failed one needs is not begun, and the others are', async () => {
  const begun: string[] = [];
  const ran = dependantsFirst(plan, ['db', 'app', 'web', 'other'], (name) => {
    begun.push(name);
    return name === 'app' ? Promise.reject(new Error('of app')) : Promise.resolve(name);
  });
  await expect(ran).rejects.toThrow('of app');
  expect(begun.toSorted()).toEqual(['app', 'other', 'web']);
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
