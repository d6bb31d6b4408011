// A digest of all that an image is made from. It stands on the image as a label and decides whether it is the right one.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { ARTIFACTS } = require('./artifacts.cjs');
const { BASE, RECIPES } = require('./catalogue.cjs');

/** By content and names, not by times: a fresh clone of the same files is the same recipe. */
function fingerprint(image, recipes = RECIPES) {
  const hash = createHash('sha256');
  const folder = path.join(recipes, image.name);
  for (const name of fs.readdirSync(folder).toSorted()) {
    const content = fs.readFileSync(path.join(folder, name));
    const runs = (fs.statSync(path.join(folder, name)).mode & 0o100) !== 0;
    hash.update(`${name}\0${content.length}\0${runs}\0`).update(content);
  }
  for (const [name, artifact] of image.files) hash.update(`${name}\0${ARTIFACTS[artifact].file}\0`);
  if (image.name !== BASE.name) hash.update(fingerprint(BASE, recipes));
  return hash.digest('hex').slice(0, 32);
}

/** What this machine trusts beside the usual authorities: the file that Node is told to read, else OpenSSL's. */
function hostAuthorities(env = process.env) {
  for (const file of [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE]) {
    try {
      if (file) return fs.readFileSync(file);
    } catch {
      // a name that leads nowhere is ignored, as Node does
    }
  }
  return Buffer.alloc(0);
}

/** Only the Node image carries them. Without any in this shell, whatever the image has is right. */
function authoritiesLabel(env = process.env) {
  const found = hostAuthorities(env);
  return found.length === 0 ? '' : createHash('sha256').update(found).digest('hex').slice(0, 32);
}

module.exports = { authoritiesLabel, fingerprint, hostAuthorities };
