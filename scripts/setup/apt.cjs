// Debian packages, for those machines that have them.
const fs = require('node:fs');
const path = require('node:path');
const { SOURCES, explain, patience } = require('./explain.cjs');
const { isRoot, run, succeeds, which } = require('./machine.cjs');

/** A mirror that accepts and says nothing is given up soon. Also what mmdebstrap is told. */
function aptLimits() {
  return [`Acquire::http::Timeout=${patience()}`, `Acquire::https::Timeout=${patience()}`, 'Acquire::Retries=1'];
}

let listsAreFresh = false;

/** Can packages be installed here without asking anybody? */
function hasApt() {
  return isRoot && which('apt-get') !== undefined;
}

/** The command that brings these packages, for a person to paste. */
function aptCommand(packages) {
  return `sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`;
}

/** Runs an apt-get that needs fresh lists of packages. */
async function aptGet(args, more = {}) {
  const limits = aptLimits().flatMap((o) => ['-o', o]);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, asked: SOURCES.debian };
  // A list that cannot be had is only a warning of this command (it may be another project's): the next one tells.
  const updated = listsAreFresh ? '' : await run('apt-get', ['update', '-q', ...limits], options);
  listsAreFresh = true;
  try {
    await run('apt-get', [...limits, ...args()], { ...options, ...more });
  } catch (error) {
    listsAreFresh = false;
    if (!/unable to locate package|has no installation candidate/i.test(error.message)) throw error;
    throw new Error(explain(SOURCES.debian, updated) ?? error.message);
  }
}

/** Installs packages; those that this release does not have are left out when named in `ifKnown`. */
function aptInstall(packages, ifKnown = []) {
  // A waiting lock is another apt at work: wait for it instead of failing. A policy file of a container image that
  // forbids services to start is respected; the engine is started by ourselves then.
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  const known = () => ifKnown.filter((name) => succeeds('apt-cache', ['show', name]));
  return aptGet(() => ['install', '-y', '-q', ...wait, ...packages, ...known()]);
}

/** Puts a package's file into the folder, and installs nothing. Gives the file's path. */
async function aptDownload(name, folder) {
  await aptGet(() => ['download', '-q', name], { cwd: folder });
  return path.join(
    folder,
    fs.readdirSync(folder).find((file) => file.endsWith('.deb')),
  );
}

/** Is systemd the one that runs this machine? */
function hasSystemd() {
  return fs.existsSync('/run/systemd/system') && which('systemctl') !== undefined;
}

module.exports = { hasApt, aptLimits, aptCommand, aptDownload, aptInstall, hasSystemd };
