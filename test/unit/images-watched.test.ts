// Commands that wait for the network for ever are ended, with their children; those that work are not.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const {
  runWatched,
}: {
  readonly runWatched: (command: string, args: readonly string[], options?: { idleMs?: number }) => Promise<string>;
} = require('../../scripts/images/watched.cjs');

/** Ended, or ended and not yet collected by whoever is its parent now. */
async function gone(pid: number): Promise<void> {
  const isGone = () => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return true;
    }
  };
  for (const end = Date.now() + 5_000; !isGone();) {
    if (Date.now() > end) throw new Error(`process ${pid} goes on`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

test('it gives what was said, and a failure with it', async () => {
  expect(await runWatched('sh', ['-c', 'echo out; echo err >&2'])).toMatch(/out|err/);
  await expect(runWatched('sh', ['-c', 'echo why >&2; exit 3'])).rejects.toMatchObject({
    message: 'sh ended with 3',
    said: 'why\n',
  });
  await expect(runWatched('no-such-program', [])).rejects.toThrow('no-such-program');
});

test('one that waits in vain is ended, and its child too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dive-watched-'));
  const file = join(folder, 'pid');
  try {
    const waiting = runWatched('sh', ['-c', `sleep 60 & echo $! > ${file}; wait`], { idleMs: 400 });
    await expect(waiting).rejects.toThrow('sh waited 0.4 s for an answer');
    const child = Number(readFileSync(file, 'utf8'));
    await gone(child);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('one that says nothing and works is left alone', async () => {
  const busy = 'const end = Date.now() + 1200; while (Date.now() < end); process.exit(0)';
  await expect(runWatched(process.execPath, ['-e', busy], { idleMs: 400 })).resolves.toBe('');
});
