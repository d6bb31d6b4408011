// The command under test, with a home of its own: a server that the user runs is never touched.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serverConfig } from '../server/config.ts';
import { requestsFile } from './engine-requests.ts';
import { type Ran, mustExecute } from './execute.ts';

export const DIVE = resolve(__dirname, '..', 'dive');
/** Written by each build: a digest of what it made. */
const BUILT = resolve(__dirname, '..', 'dist', '.built');

export interface Bench extends AsyncDisposable {
  /** Where the projects are written. */
  readonly root: string;
  readonly home: string;
  dive(args: readonly string[], folder: string): Promise<Ran>;
}

const HEAP_ON_SIGNAL = resolve(__dirname, 'heap-on-signal.cjs');
const ENGINE_REQUESTS = resolve(__dirname, 'engine-requests.cjs');

/** Where the worker writes how large its heap is. */
export function heapFile(home: string): string {
  return join(home, 'heap');
}

/** A new folder `root`, a home in it, and the environment for it: of no server that is there already. */
export function ownHome(prefix: string): {
  readonly root: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
} {
  const root = mkdtempSync(join(tmpdir(), prefix));
  // As root, PostgreSQL's own user must pass through it.
  chmodSync(root, 0o711);
  const home = join(root, 'home');
  const { TEMPORAL_ADDRESS: _address, DIVE_DATABASE_URL: _url, ...rest } = process.env;
  return { root, home, env: { ...rest, DIVE_TOOLS: serverConfig().tools, DIVE_HOME: home } };
}

/** Starts the server in the background, `withHeap` so that its worker tells of its heap; disposing stops it and removes everything of it. */
export async function openBench(say: (line: string) => void, withHeap = false): Promise<Bench> {
  const { root, home, env: own } = ownHome('dive-bench-');
  const loaded = [ENGINE_REQUESTS, ...(withHeap ? [HEAP_ON_SIGNAL] : [])].map((f) => `--require ${f}`).join(' ');
  const written = { DIVE_BENCH_REQUESTS: requestsFile(home), DIVE_BENCH_HEAP: heapFile(home) };
  const env = { ...own, ...written, NODE_OPTIONS: loaded };
  let built: string | undefined;
  const dive = async (args: readonly string[], folder: string): Promise<Ran> => {
    const ran = await mustExecute([DIVE, ...args], { cwd: folder, env });
    const now = readFileSync(BUILT, 'utf8');
    built ??= now;
    // What was measured is a build, too, and the server is of the old one.
    if (now !== built && args[0] !== 'server') throw new Error('a source was changed meanwhile: measure again');
    return ran;
  };
  const bench = {
    root,
    home,
    dive,
    [Symbol.asyncDispose]: async () => {
      await dive(['server', 'stop'], root);
      rmSync(root, { recursive: true, force: true });
    },
  };
  try {
    const started = await dive(['server', 'start'], root);
    say(`server started in ${Math.round(started.wallMs)} ms`);
    return bench;
  } catch (error) {
    await bench[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}
