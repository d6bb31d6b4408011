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
const LEFT_OUT = ['man', 'doc', 'locale', 'info'];

/** Makes the root file system and imports it under the base's name. Needs root, or subordinate ids and uidmap. */
async function bringBase(labels) {
  fs.mkdirSync(artifactsFolder(), { recursive: true });
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

function mmdebstrapArguments(tar) {
  const conf = path.join(RECIPES, BASE.name, 'apt.conf');
  return [
    '-q',
    '--variant=minbase',
    ...LEFT_OUT.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    ...aptLimits().map((o) => `--aptopt=${o.replace('=', ' "')}"`),
    '--aptopt=APT::Update::Error-Mode "any"',
    // As options the settings of this file would keep mmdebstrap from finding its own packages; they are for later.
    `--customize-hook=copy-in ${conf} /etc/apt/apt.conf.d/`,
    '--customize-hook=mv "$1/etc/apt/apt.conf.d/apt.conf" "$1/etc/apt/apt.conf.d/90builds"',
    '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf" "$1/etc/apt/apt.conf.d/99mmdebstrap"',
    'bookworm',
    tar,
  ];
}

module.exports = { bringBase };
