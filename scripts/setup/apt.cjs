// Debian packages, for those machines that have them.
const fs = require('node:fs');
const { SOURCES } = require('./explain.cjs');
const { isRoot, run, succeeds, which } = require('./machine.cjs');

// A mirror that accepts and says nothing is given up after a minute, not after ten.
const LIMITS = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::https::Timeout=20', '-o', 'Acquire::Retries=2'];

let listsAreFresh = false;

/** Can packages be installed here without asking anybody? */
function hasApt() {
  return isRoot && which('apt-get') !== undefined;
}

/** The command that brings these packages, for a person to paste. */
function aptCommand(packages) {
  return `sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`;
}

/** Installs packages; those that this release does not have are left out when named in `ifKnown`. */
async function aptInstall(packages, ifKnown = []) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, asked: SOURCES.debian };
  if (!listsAreFresh) await run('apt-get', ['update', '-q', ...LIMITS], options);
  listsAreFresh = true;
  const known = ifKnown.filter((name) => succeeds('apt-cache', ['show', name]));
  // A waiting lock is another apt at work: wait for it instead of failing. A policy file of a container image that
  // forbids services to start is respected; the engine is started by ourselves then.
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', ['install', '-y', '-q', ...LIMITS, ...wait, ...packages, ...known], options);
}

/** Is systemd the one that runs this machine? */
function hasSystemd() {
  return fs.existsSync('/run/systemd/system') && which('systemctl') !== undefined;
}

module.exports = { hasApt, aptCommand, aptInstall, hasSystemd };
