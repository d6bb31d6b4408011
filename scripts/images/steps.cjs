// The steps that `npm start` has beside those of the set-up: the choice, the tools that make images, the images.
const fs = require('node:fs');
const os = require('node:os');
const { aptCommand, aptInstall, hasApt } = require('../setup/apt.cjs');
const { bringGo, checkGo } = require('../setup/go.cjs');
const { isRoot, which } = require('../setup/machine.cjs');
const { atWorkNow, bringImages } = require('./bring.cjs');
const { BASE } = require('./catalogue.cjs');
const { writeChoice } = require('./env-file.cjs');
const { choiceNow, imagesToMake, wantsArtifact } = require('./situation.cjs');

const say = (line) => process.stderr.write(`      ${line}\n`);

/** @type {import('../setup/steps.cjs').Step} */
const choice = {
  title: 'where images come from',
  async check() {
    const now = await choiceNow();
    if (now?.written) return { state: 'there' };
    const where = now
      ? sentence(now)
      : "the hub's images: official ones where the engine can have them, else built here (Debian packages, Maven, Go)";
    return { state: 'wanted', what: where };
  },
  async bring() {
    const now = await choiceNow();
    if (!now) throw new Error('the Docker engine does not answer');
    writeChoice(now.choice);
    say(`${sentence(now)}`);
    say('kept in stacks/hub/hub.env; changed by npm start -- --images official|local');
  },
};

function sentence({ choice: chosen, why }) {
  if (chosen === 'official') return "the hub's images: the official ones";
  return `the hub's images: built here, because\n        ${why.join('\n        ')}`;
}

function hasSubordinateIds() {
  try {
    const name = os.userInfo().username;
    return fs
      .readFileSync('/etc/subuid', 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${name}:`));
  } catch {
    return false;
  }
}

/** A step that installs Debian packages, when `wanted` says so and `has` finds them missing. */
function packagesStep(title, packages, wanted, has) {
  return {
    title,
    async check() {
      const needs = await wanted();
      if (needs === undefined) return { state: 'later' };
      if (!needs || has()) return { state: 'there' };
      if (!hasApt())
        return { state: 'missing', what: `${title} (${packages.join(', ')})`, command: aptCommand(packages) };
      return { state: 'wanted', what: `${title} (Debian packages ${packages.join(', ')}; changes this machine)` };
    },
    bring: () => aptInstall(packages),
  };
}

const wantsBase = async () => (await imagesToMake())?.includes(BASE);
const installed = packagesStep('mmdebstrap for the base image', ['mmdebstrap'], wantsBase, () => which('mmdebstrap'));

/** @type {import('../setup/steps.cjs').Step} */
const mmdebstrap = {
  ...installed,
  async check() {
    const found = await installed.check();
    // The one thing that truly needs it: a root file system holds files of other users.
    if (found.state !== 'there' || isRoot || !(await wantsBase())) return found;
    if (which('newuidmap') && hasSubordinateIds()) return found;
    return {
      state: 'missing',
      what: 'root, once, for the base image of the others',
      command: 'sudo npm run images:base',
    };
  },
};

const maven = packagesStep(
  'Maven for Keycloak',
  ['maven', 'default-jre-headless'],
  () => wantsArtifact('keycloak'),
  () => which('mvn') && which('java'),
);

/** @type {import('../setup/steps.cjs').Step} */
const go = {
  title: 'Go for OPA',
  async check() {
    const needs = await wantsArtifact('opa');
    if (needs === undefined) return { state: 'later' };
    return needs ? checkGo() : { state: 'there' };
  },
  bring: bringGo,
};

/** @type {import('../setup/steps.cjs').Step} */
const images = {
  title: "the hub's images",
  async check() {
    const missing = await imagesToMake();
    if (missing === undefined) return { state: 'later' };
    if (missing.length === 0) return { state: 'there' };
    return { state: 'wanted', what: `${missing.length} images built here: ${missing.map((i) => i.tag).join(', ')}` };
  },
  async bring() {
    await bringImages((await imagesToMake()) ?? []);
  },
  doing: atWorkNow,
};

module.exports = { imageSteps: [choice, mmdebstrap, maven, go, images] };
