import { askAhead, askedAhead } from '../../activities/ask-ahead.ts';
import { type Engine, connectEngine } from '../../adapters/docker/connect.ts';
import type { Probe } from '../../adapters/probes/probe.ts';
import { docker, until } from '../support/command.ts';
import { SLEEPS, testImageId, TinyProject } from './tiny-project.ts';

jest.setTimeout(60_000);

const spec = { secrets: ['hunter2-hunter2'] };
/** Takes 20 s to start; something of 1 s comes after it. */
const SLOW = { expectedMs: 20_000, rankMs: 21_000 };
const works = (script: string): Probe => ({
  kind: 'exec',
  level: 4,
  timeoutMs: 5000,
  description: 'works',
  argv: ['sh', '-c', `echo asked >> /tmp/asked; ${script}`],
  ownCheck: false,
});

let engine: Engine;
let imageId: string;
beforeAll(async () => {
  engine = await connectEngine();
  imageId = await testImageId(engine);
});

const timesAsked = async (id: string): Promise<number> =>
  (await docker('exec', id, 'sh', '-c', 'cat /tmp/asked 2>/dev/null || true')).filter((line) => line === 'asked')
    .length;

test('a slow starter is asked once, before anybody waits for the answer', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('slow', SLEEPS));
  const context = { engine, spec };
  askAhead(context, SLOW, [id], [works('sleep 0.5; echo it works')]);
  expect(await askedAhead(context, id)).toMatchObject({ ok: true, level: 4, evidence: 'it works' });
  expect(await askedAhead(context, id)).toMatchObject({ ok: true });
  expect(await timesAsked(id)).toBe(1);
  // Another worker, or the next operation, knows nothing of it.
  expect(await askedAhead({ engine, spec }, id)).toBeUndefined();
  await until('the answer is too old', async () => ((await askedAhead(context, id)) ? undefined : true), 8_000);
});

test('the last one is asked however quick it is: everybody waits for its answer', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('last', SLEEPS));
  const context = { engine, spec };
  askAhead(context, { expectedMs: 1000, rankMs: 1000, isLast: true }, [id], [works('echo it works')]);
  expect(await askedAhead(context, id)).toMatchObject({ ok: true, level: 4, evidence: 'it works' });
});

test('with the last one all that have opened are asked, except who has answered just now', async () => {
  await using project = new TinyProject(imageId);
  const raise = (name: string): Promise<string> => project.raise(engine, project.service(name, SLEEPS));
  const [slow, quick, last] = [await raise('slow'), await raise('quick'), await raise('last')];
  const context = { engine, spec };
  askAhead(context, SLOW, [slow], [works('true')]);
  expect(await askedAhead(context, slow)).toMatchObject({ ok: true });
  askAhead(context, { expectedMs: 500, rankMs: 2000 }, [quick], [works('echo quick')]);
  expect(await timesAsked(quick)).toBe(0);
  // Its own readiness is all there is to ask of the last one.
  askAhead(context, { expectedMs: 1000, rankMs: 1000, isLast: true }, [last], []);
  expect(await askedAhead(context, quick)).toMatchObject({ ok: true, level: 4, evidence: 'quick' });
  expect([await timesAsked(slow), await timesAsked(quick), await timesAsked(last)]).toEqual([1, 1, 0]);
});

test('of the last one every container is asked, and none twice for a bad answer', async () => {
  await using project = new TinyProject(imageId);
  const ids = [
    await project.raise(engine, project.service('one', SLEEPS)),
    await project.raise(engine, project.service('two', SLEEPS)),
  ];
  const context = { engine, spec };
  askAhead(context, { expectedMs: 1000, rankMs: 1000, isLast: true }, ids, [works('exit 1')]);
  for (const id of ids) expect(await askedAhead(context, id)).toBeUndefined();
  for (const id of ids) expect(await askedAhead(context, id)).toBeUndefined();
  expect([await timesAsked(ids[0] ?? ''), await timesAsked(ids[1] ?? '')]).toEqual([1, 1]);
});

test('who answered badly is asked once more with the last one', async () => {
  await using project = new TinyProject(imageId);
  const slow = await project.raise(engine, project.service('slow', SLEEPS));
  const context = { engine, spec };
  askAhead(context, SLOW, [slow], [works('[ "$(wc -l </tmp/asked)" -gt 1 ] && echo it works')]);
  expect(await askedAhead(context, slow)).toBeUndefined();
  askAhead(context, { expectedMs: 1000, rankMs: 1000, isLast: true }, ['last'], []);
  const answer = await until('the second answer', () => askedAhead(context, slow), 5_000);
  expect(answer).toMatchObject({ ok: true, evidence: 'it works' });
});

test('what it says is masked', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('slow', SLEEPS));
  const context = { engine, spec };
  askAhead(context, SLOW, [id], [works('echo with hunter2-hunter2')]);
  const answer = await askedAhead(context, id);
  expect(answer).toMatchObject({ ok: true, evidence: expect.stringMatching(/^with /) });
  expect(answer?.evidence).not.toContain('hunter2');
});

test('a bad answer, and a container that is gone, leave the question to the verification', async () => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('slow', SLEEPS));
  const context = { engine, spec };
  askAhead(context, SLOW, [id], [works('exit 1')]);
  expect(await askedAhead(context, id)).toBeUndefined();
  askAhead(context, SLOW, ['no-such-container'], [works('true')]);
  expect(await askedAhead(context, 'no-such-container')).toBeUndefined();
});

test.each([
  ['a quick one', { expectedMs: 1000, rankMs: 2000 }],
  ['one of several that nobody comes after', { expectedMs: 20_000, rankMs: 20_000 }],
  ['one whose answer would be old by the end', { expectedMs: 20_000, rankMs: 40_000 }],
])('%s is not asked ahead', async (_what, service) => {
  await using project = new TinyProject(imageId);
  const id = await project.raise(engine, project.service('slow', SLEEPS));
  const context = { engine, spec };
  askAhead(context, service, [id], [works('true')]);
  expect(await askedAhead(context, id)).toBeUndefined();
  expect(await timesAsked(id)).toBe(0);
});
