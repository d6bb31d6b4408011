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

/** Where Debian keeps what its owner trusts beside the usual authorities; a shell need not name any of it. */
const OWN = '/usr/local/share/ca-certificates';

/** What this shell trusts beside the usual authorities: the file that Node is told to read, else OpenSSL's. */
function namedAuthorities(env = process.env) {
  for (const file of [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE]) {
    try {
      if (file) return fs.readFileSync(file);
    } catch {
      // a name that leads nowhere is ignored, as Node does
    }
  }
  return Buffer.alloc(0);
}

const byName = (a, b) => a.localeCompare(b, 'en');

/** What the shell names; where it names nothing, what the machine's owner has added. PEM; empty when there is nothing. */
function hostAuthorities(env = process.env, own = OWN) {
  const named = namedAuthorities(env);
  if (named.length > 0 || !fs.existsSync(own)) return named;
  const files = fs.readdirSync(own, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.crt'));
  return Buffer.concat(files.toSorted(byName).map((name) => fs.readFileSync(path.join(own, name))));
}

/** Digest of `found`, as the Node image carries it; empty where there are none. */
function authoritiesLabel(found = hostAuthorities()) {
  return found.length === 0 ? '' : createHash('sha256').update(found).digest('hex').slice(0, 32);
}

/** Another shell may have named more than this one knows of: that is right as well, unless this one names its own. */
function hasAuthorities(label = '', env = process.env, own = OWN) {
  const wanted = authoritiesLabel(hostAuthorities(env, own));
  return wanted === '' || label === wanted || (label !== '' && namedAuthorities(env).length === 0);
}

module.exports = { authoritiesLabel, fingerprint, hasAuthorities, hostAuthorities };
