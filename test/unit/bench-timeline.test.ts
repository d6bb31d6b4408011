import { type AskedTimes, criticalPathMs, overheads } from '../../bench/timeline.ts';

const COST = { networkMs: 100, createMs: 10, startLeadMs: 10 };

/** Created in 10 ms, its start asked at once, started 250 ms of engine work later. */
function times(service: string, startedAtMs: number, more: Partial<AskedTimes> = {}): AskedTimes {
  return {
    service,
    after: [],
    readyS: 1,
    createAskedAtMs: startedAtMs - 260,
    createdAtMs: startedAtMs - 250,
    startAskedAtMs: startedAtMs - 250,
    startedAtMs,
    readyAtMs: startedAtMs + 1000,
    verdictAtMs: startedAtMs + 1030,
    engineStartMs: 250,
    ...more,
  };
}

test('the critical path is the network, one creation, and each start and readiness along the longest way', () => {
  const db = times('db', 1000);
  const web = times('web', 3000, { after: ['db'], readyS: 2 });
  expect(criticalPathMs([db, web, times('aside', 1000)], COST)).toBe(100 + 10 + 250 + 1000 + 250 + 2000);
});

test('a dependant is late by what passed between its dependency known to be ready and the start, without the engine', () => {
  const db = times('db', 1000);
  const web = times('web', 2000 + 250 + 70, { after: ['db'], createAskedAtMs: 1000, createdAtMs: 1010 });
  expect(overheads([db, web], 2)).toEqual([
    { service: 'db', startMs: 0, verdictMs: 30 },
    { service: 'web', startMs: 40, verdictMs: 30 },
  ]);
});

test('along a path the overheads are what the run took longer than readiness and the engine: nothing counts twice', () => {
  const created = { createAskedAtMs: 750, createdAtMs: 760 };
  const db = times('db', 1000);
  const api = times('api', 2000 + 250 + 90, { after: ['db'], verdictAtMs: 2340 + 1000 + 45, ...created });
  const web = times('web', 3340 + 250 + 120, { after: ['api'], verdictAtMs: 3710 + 1000 + 60, ...created });
  const path = [db, api, web];
  const sum = overheads(path, 2).reduce((all, o) => all + o.startMs + o.verdictMs, 0);
  const own = path.reduce((all, t) => all + t.engineStartMs + t.readyS * 1000, 0);
  expect(sum).toBe(web.verdictAtMs - db.startAskedAtMs - own);
});

test('waiting while the engine has its hands full is not ours, waiting while it has one free is', () => {
  const [a, b] = [times('a', 1000), times('b', 1000)];
  const queued = times('queued', 1000 + 250 + 40);
  expect(overheads([a, b, queued], 2).map((o) => o.startMs)).toEqual([0, 0, 40]);
  expect(overheads([a, b, queued], 3).map((o) => o.startMs)).toEqual([0, 0, 290]);
});

test('what is created while the engine is full is not taken off twice', () => {
  const [a, b] = [times('a', 1000), times('b', 1000)];
  const queued = times('queued', 1000 + 250 + 40, { createAskedAtMs: 800, createdAtMs: 850 });
  expect(overheads([a, b, queued], 2)[2]).toMatchObject({ startMs: 50 });
});
