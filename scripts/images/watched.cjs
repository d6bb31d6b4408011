// Runs a command that may wait for the network for ever, and ends it when it neither says nor does anything.
const { spawn } = require('node:child_process');
const fs = require('node:fs');

const running = new Set();

/** Ends the whole group: go, mvn and npm have children that do the work. */
function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended meanwhile
  }
}

let guarded = false;
/** Groups of their own do not get the terminal's Ctrl-C: it is passed on, so that nothing goes on behind our back. */
function guard() {
  if (guarded) return;
  guarded = true;
  const endAll = () => {
    for (const pid of running) endGroup(pid, 'SIGTERM');
  };
  process.on('exit', endAll);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])
    process.on(signal, () => process.exit(code));
}

/** Processor time in clock ticks (10 ms) that a group has had so far; 0 where there is no /proc. */
function ticksOf(group) {
  let ticks = 0;
  let names = [];
  try {
    names = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  for (const name of names) {
    try {
      // The name of the program, in brackets, may hold anything; the fields count from behind it.
      const fields = fs.readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      if (Number(fields[2]) === group) ticks += fields.slice(11, 15).reduce((sum, f) => sum + Number(f), 0);
    } catch {
      // it has ended meanwhile
    }
  }
  return ticks;
}

/**
 * Resolves with what it said when it ends with 0.
 * @param {{ env?: Record<string, string | undefined>, cwd?: string, idleMs?: number, nice?: boolean }} options
 *   idleMs: this long without a word and with next to no processor time is taken for waiting in vain; default 60 s
 * @throws {Error & { said: string }} with the output, at most the last 16,000 characters
 */
function runWatched(command, args, { env, cwd, idleMs = 60_000, nice = false } = {}) {
  guard();
  return new Promise((resolve, reject) => {
    const child = spawn(nice ? 'nice' : command, nice ? [command, ...args] : args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: env ?? process.env,
      ...(cwd ? { cwd } : {}),
    });
    let said = '';
    let idle = false;
    let last = { at: Date.now(), ticks: 0 };
    const keep = (chunk) => {
      said = (said + chunk).slice(-16_000);
      last = { ...last, at: Date.now() };
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    if (child.pid) running.add(child.pid);
    // Bytes that arrive slowly cost little too: 50 ms in the whole time are taken for life.
    const watch = setInterval(
      () => {
        const ticks = ticksOf(child.pid);
        if (ticks - last.ticks >= 5) last = { at: Date.now(), ticks };
        else if (Date.now() - last.at > idleMs) {
          idle = true;
          endGroup(child.pid, 'SIGTERM');
          setTimeout(() => endGroup(child.pid, 'SIGKILL'), 3_000).unref();
        }
      },
      Math.min(1_000, idleMs / 4),
    );
    const end = (error) => {
      clearInterval(watch);
      running.delete(child.pid);
      if (!error) return resolve(said);
      reject(Object.assign(new Error(error), { said, idle }));
    };
    child.on('error', (cause) => end(`${command}: ${cause.message}`));
    child.on('close', (code, signal) => {
      if (code === 0 && !idle) return end();
      end(idle ? `${command} waited ${idleMs / 1000} s for an answer` : `${command} ended with ${code ?? signal}`);
    });
  });
}

module.exports = { runWatched };
