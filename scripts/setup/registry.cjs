// For tests only: a registry to pull from. Unpacked, not installed: Debian's package would run it as a service.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { aptCommand, aptDownload, hasApt } = require('./apt.cjs');
const { run, succeeds, toolsFolder } = require('./machine.cjs');

const PROGRAM = 'docker-registry';

function own() {
  return path.join(toolsFolder(), PROGRAM);
}

/** @type {import('./steps.cjs').Step} */
const registry = {
  title: 'registry for the tests',
  async check() {
    if (succeeds(own(), ['--version'])) return { state: 'there' };
    if (!hasApt())
      return { state: 'missing', what: `docker-registry as ${own()}`, command: aptCommand(['docker-registry']) };
    return { state: 'wanted', what: `a registry of images (Debian package docker-registry) into ${toolsFolder()}` };
  },
  async bring() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dive-registry-'));
    try {
      await run('dpkg-deb', ['-x', await aptDownload(PROGRAM, folder), folder]);
      fs.mkdirSync(toolsFolder(), { recursive: true });
      // Whole or not at all: a set-up that is ended leaves no half of a program under its name.
      fs.copyFileSync(path.join(folder, 'usr', 'bin', PROGRAM), `${own()}.new`);
      fs.renameSync(`${own()}.new`, own());
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
};

module.exports = { registry };
