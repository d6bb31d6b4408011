// What the set-up asks of the machine. Needs nothing but Node: it runs before anything is installed.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { explain } = require('./explain.cjs');

const ROOT = path.resolve(__dirname, '..', '..');
const isRoot = process.getuid?.() === 0;

/** DIVE_HOME, as server/config.ts has it. */
function diveHome(env = process.env) {
  if (env.DIVE_HOME) return path.resolve(env.DIVE_HOME);
  if (isRoot) return '/var/lib/dive';
  return path.join(env.XDG_STATE_HOME || path.join(os.homedir(), '.local', 'state'), 'dive');
}

/** Where tools are put: one place per user, also while tests use a home of their own. */
function toolsFolder(env = process.env) {
  return env.DIVE_TOOLS ? path.resolve(env.DIVE_TOOLS) : path.join(diveHome(env), 'tools');
}

/** Absolute path of a command on PATH, or undefined. */
function which(command) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, command);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      if (fs.statSync(file).isFile()) return file;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** True when the command ends with 0. Its output is dropped. */
function succeeds(command, args, timeoutMs = 20_000) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: timeoutMs }).status === 0;
}

/**
 * Runs a command to its end. Rejects with the last lines of what it said when it does not end with 0; with `asked`, the
 * registry it talks to, in one sentence where that explains it.
 */
function run(command, args, { asked, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: ROOT, ...options });
    let said = '';
    const keep = (chunk) => {
      said = (said + chunk).slice(-8_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (cause) => reject(new Error(`${command}: ${cause.message}`)));
    child.on('close', (code) => {
      if (code === 0) return resolve(said);
      const end = `${[command, ...args].join(' ')} ended with ${code}:\n${said.trim().split('\n').slice(-12).join('\n')}`;
      reject(new Error((asked && explain(asked, said)) ?? end));
    });
  });
}

/** The socket `docker` would use, when it is a local one: DOCKER_HOST, else the default. */
function engineSocket(env = process.env) {
  if (!env.DOCKER_HOST) return '/var/run/docker.sock';
  return env.DOCKER_HOST.startsWith('unix://') ? env.DOCKER_HOST.slice('unix://'.length) : undefined;
}

/** Does a Docker engine answer on this socket within the time? */
function engineAnswers(socketPath, timeoutMs = 3_000) {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/_ping', timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** Polls until it answers true; false when the time is over. */
async function until(ask, timeoutMs, everyMs = 100) {
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    if (await ask()) return true;
    await new Promise((done) => setTimeout(done, everyMs));
  }
  return false;
}

/** The name of the program of a process, or undefined when there is no such process. */
function programOf(pid) {
  try {
    return path.basename(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '');
  } catch {
    return undefined;
  }
}

module.exports = {
  ROOT,
  isRoot,
  diveHome,
  toolsFolder,
  which,
  succeeds,
  run,
  engineSocket,
  engineAnswers,
  until,
  programOf,
};
