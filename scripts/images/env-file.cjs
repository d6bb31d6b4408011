// The hub's env file, which holds the choice of images beside the generated secrets. Compose reads it too.
const fs = require('node:fs');
const path = require('node:path');
const { HUB, imageVariables } = require('./catalogue.cjs');

const CHOICE = 'HUB_IMAGES';
const FILE = path.join(HUB, 'hub.env');

function textOf(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

/** What the file gives this variable; undefined when it is not there or empty. */
function valueOf(name, file = FILE) {
  return textOf(file)
    .match(new RegExp(`^${name}=(.+)$`, 'm'))?.[1]
    ?.trim();
}

/** The choice made earlier: 'official', 'local', or undefined. */
function readChoice(file = FILE) {
  const value = valueOf(CHOICE, file);
  return value === 'official' || value === 'local' ? value : undefined;
}

/** Writes the choice and the images that follow from it; every other line stays as it is. 0600, never half written. */
function writeChoice(choice, file = FILE) {
  const values = { [CHOICE]: choice, ...imageVariables(choice) };
  const names = Object.keys(values);
  const kept = textOf(file)
    .split('\n')
    .filter((line) => !names.some((n) => line.startsWith(`${n}=`)) && line !== REMARK);
  while (kept.at(-1) === '') kept.pop();
  const text = [...kept, REMARK, ...names.map((n) => `${n}=${values[n]}`), ''].join('\n');
  const part = `${file}.${process.pid}.part`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(part, text, { mode: 0o600 });
  fs.renameSync(part, file);
}

const REMARK = '# Where the images come from; changed by: npm start -- --images official|local';

module.exports = { FILE, readChoice, valueOf, writeChoice };
