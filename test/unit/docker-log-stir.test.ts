import { PassThrough } from 'node:stream';
import Modem from 'docker-modem';
import { LogStir } from '../../adapters/docker/log-stir.ts';
import type { Wire } from '../../adapters/docker/request.ts';

/** An engine whose only container writes what the test says. */
function engineWith(log: PassThrough | Error): Wire & { readonly paths: string[] } {
  const paths: string[] = [];
  const modem = Object.assign(new Modem({}), {
    dial: (options: { path: string; abortSignal: AbortSignal }, done: (error: unknown, answer?: unknown) => void) => {
      paths.push(options.path);
      if (log instanceof Error) return done(log);
      options.abortSignal.addEventListener('abort', () => log.destroy());
      done(null, log);
    },
  });
  return { docker: { modem }, counts: { read: 0, exec: 0, mutate: 0 }, paths };
}

const { signal } = new AbortController();
const REST = { leastMs: 20, ms: 600 };

async function restedMs(stir: LogStir, sinceMs = performance.now()): Promise<number> {
  const from = performance.now();
  await stir.rest({ ...REST, sinceMs }, signal);
  return performance.now() - from;
}

test('a rest ends early when the container writes, but not before its least', async () => {
  const log = new PassThrough();
  using stir = new LogStir(engineWith(log), 'c');
  setTimeout(() => log.write('x'), 5);
  const ms = await restedMs(stir);
  expect(ms).toBeGreaterThan(15);
  expect(ms).toBeLessThan(300);
});

test('what was written while the question was put counts, what was written before does not', async () => {
  const log = new PassThrough();
  using stir = new LogStir(engineWith(log), 'c');
  const askedMs = performance.now();
  setTimeout(() => log.write('x'), 5);
  await restedMs(stir);
  expect(await restedMs(stir, askedMs)).toBeLessThan(300);
  expect(await restedMs(stir)).toBeGreaterThan(500);
});

test('who writes all the time is asked hardly more often', async () => {
  const log = new PassThrough();
  using stir = new LogStir(engineWith(log), 'c');
  const writes = setInterval(() => log.write('x'), 5);
  try {
    const rests: number[] = [];
    // As if each question had taken 50 ms.
    for (let n = 0; n < 6; n += 1) rests.push(await restedMs(stir, performance.now() - 50));
    expect(rests.map((ms) => ms < 300)).toEqual([true, true, true, false, false, false]);
  } finally {
    clearInterval(writes);
  }
}, 20_000);

test('who writes a flood is not listened to any more', async () => {
  const log = new PassThrough();
  using stir = new LogStir(engineWith(log), 'c');
  const flood = setInterval(() => log.destroyed || log.write(Buffer.alloc(100_000)), 5);
  try {
    expect(await restedMs(stir)).toBeLessThan(300);
    for (let n = 0; n < 5 && !log.destroyed; n += 1) await restedMs(stir);
    expect(log.destroyed).toBe(true);
    expect(await restedMs(stir)).toBeGreaterThan(500);
  } finally {
    clearInterval(flood);
  }
}, 20_000);

test('a log that cannot be followed changes nothing, and is asked for once', async () => {
  const engine = engineWith(Object.assign(new Error('no log'), { statusCode: 501 }));
  using stir = new LogStir(engine, 'a/b');
  expect(await restedMs(stir)).toBeGreaterThan(500);
  expect(await restedMs(stir)).toBeGreaterThan(500);
  expect(engine.paths).toEqual(['/containers/a%2Fb/logs?stdout=true&stderr=true&follow=true&tail=0&']);
});

test('its end lets the log go; a signal ends the rest', async () => {
  const log = new PassThrough();
  const stir = new LogStir(engineWith(log), 'c');
  const abort = new AbortController();
  const rest = stir.rest({ ...REST, sinceMs: performance.now() }, abort.signal);
  setTimeout(() => abort.abort(), 30);
  await expect(rest).rejects.toThrow('aborted');
  expect(log.destroyed).toBe(false);
  stir[Symbol.dispose]();
  expect(log.destroyed).toBe(true);
});
