// Debian packages, for those machines that have them.
const fs = require('node:fs');
const { isRoot, run, succeeds, which } = require('./machine.cjs');

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
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!listsAreFresh) await run('apt-get', ['update', '-q'], { env });
  listsAreFresh = true;
  const known = ifKnown.filter((name) => succeeds('apt-cache', ['show', name]));
  // A waiting lock is another apt at work: wait for it instead of failing. A policy file of a container image that
  // forbids services to start is respected; the engine is started by ourselves then.
  await run('apt-get', ['install', '-y', '-q', '-o', 'DPkg::Lock::Timeout=120', ...packages, ...known], { env });
}

/** Is systemd the one that runs this machine? */
function hasSystemd() {
  return fs.existsSync('/run/systemd/system') && which('systemctl') !== undefined;
}

module.exports = { hasApt, aptCommand, aptInstall, hasSystemd };
