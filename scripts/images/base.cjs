// Debian itself, the base of all the others: a small bookworm made of Debian's own packages.
const fs = require('node:fs');
const path = require('node:path');
const { aptLimits } = require('../setup/apt.cjs');
const { artifactsFolder } = require('./artifacts.cjs');
const { BASE, RECIPES } = require('./catalogue.cjs');
const { importImage } = require('./engine.cjs');
const { runWatched } = require('./watched.cjs');

// With a fixed time the same packages give the same bits, and the engine keeps what it built from them.
const EPOCH = '1767225600';

/** Makes the root file system and imports it under the base's name. Needs root, or subordinate ids and uidmap. */
async function bringBase(labels) {
  const scratch = fs.mkdtempSync(path.join(artifactsFolder(), '.part-'));
  const tar = path.join(scratch, 'base.tar');
  try {
    await runWatched('mmdebstrap', mmdebstrapArguments(tar), {
      env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH },
    });
    await importImage(BASE, tar, labels);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** What decides about the content is read from the recipe, so that its fingerprint changes with it. */
function mmdebstrapArguments(tar) {
  const recipe = path.join(RECIPES, BASE.name);
  return [
    ...aptLimits().map((o) => `--aptopt=${o.replace('=', ' "')}"`),
    // As options the settings of this file would keep mmdebstrap from finding its own packages; they are for later.
    `--customize-hook=copy-in ${path.join(recipe, 'apt.conf')} /etc/apt/apt.conf.d/`,
    ...fs.readFileSync(path.join(recipe, 'mmdebstrap.options'), 'utf8').trim().split('\n'),
    'bookworm',
    tar,
  ];
}

module.exports = { bringBase };
