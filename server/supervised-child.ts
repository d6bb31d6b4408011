// One child process that is started again when it dies.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { openLog } from './log-file.ts';

export interface ChildSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
  /** What asks it to end; PostgreSQL waits for its clients on SIGTERM, not on SIGINT. */
  readonly stopSignal: NodeJS.Signals;
  /** Is it a Node process that says `ready` over its channel, and ends when the channel closes? */
  readonly channel: boolean;
  /** Before each start. */
  readonly prepare: () => Promise<void>;
}

export interface ChildEvents {
  readonly started: (pid: number, times: number) => void;
  /** It said `ready`. */
  readonly ready: () => void;
  readonly log: (line: string) => void;
}

export interface SupervisedChild {
  /** Ends it and starts it no more. */
  readonly stop: () => Promise<void>;
}

const FIRST_WAIT_MS = 200;
// Growing waits bound the starts: seven in the first minute of dying at once, then four a minute.
const MAX_WAIT_MS = 15_000;
/** Who lived this long died of something else than before: waits begin small again. */
const STEADY_MS = 60_000;
const GRACE_MS = 10_000;

/** Wait before the next start, after `deaths` deaths in a row. */
export function restartWaitMs(deaths: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.max(0, deaths - 1), MAX_WAIT_MS);
}

function launch(spec: ChildSpec, events: ChildEvents): ChildProcess {
  const log = openLog(spec.logFile);
  try {
    const child = spawn(spec.command, [...spec.args], {
      cwd: spec.cwd,
      env: spec.env,
      // A group of its own: Ctrl-C in a terminal must not reach it, the supervisor ends it in order.
      detached: true,
      stdio: spec.channel ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    child.on('message', (message) => {
      if (message === 'ready') events.ready();
    });
    return child;
  } finally {
    closeSync(log);
  }
}

/** Starts the child and keeps it alive until `stop`. */
export function superviseChild(spec: ChildSpec, events: ChildEvents): SupervisedChild {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let deaths = 0;
  let times = 0;

  function again(why: string): void {
    if (stopping) return;
    deaths += 1;
    const waitMs = restartWaitMs(deaths);
    events.log(`${why}; starting it again in ${waitMs} ms`);
    timer = setTimeout(() => void start(), waitMs);
  }

  async function start(): Promise<void> {
    try {
      await spec.prepare();
    } catch (error) {
      return again(`cannot be prepared: ${String(error)}`);
    }
    if (stopping) return;
    const startedAt = Date.now();
    const current = launch(spec, events);
    child = current;
    current.once('spawn', () => {
      times += 1;
      if (current.pid !== undefined) events.started(current.pid, times);
    });
    let ended = false;
    const onEnd = (why: string): void => {
      if (ended) return;
      ended = true;
      if (Date.now() - startedAt > STEADY_MS) deaths = 0;
      again(why);
    };
    current.once('error', (error) => onEnd(`cannot be started: ${error.message}`));
    current.once('exit', (code, by) => onEnd(`ended with ${by ?? `exit code ${code}`}`));
  }

  async function stop(): Promise<void> {
    stopping = true;
    clearTimeout(timer);
    const current = child;
    if (!current || current.pid === undefined || current.exitCode !== null || current.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => current.once('exit', () => resolve()));
    current.kill(spec.stopSignal);
    const killer = setTimeout(() => current.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(killer);
  }

  void start();
  return { stop };
}
