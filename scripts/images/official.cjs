// With the official Node image the back end's build has to be told whom this machine trusts; ours carries it.
const fs = require('node:fs');
const path = require('node:path');
const { HUB } = require('./catalogue.cjs');
const { hostAuthorities } = require('./fingerprint.cjs');

/** Puts them where the build looks for them. Written only when they changed: the image is built from them. */
function bringAuthorities(file = path.join(HUB, 'backend', 'ca.crt'), found = hostAuthorities()) {
  const has = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  if (found.length > 0 && !has.equals(found)) fs.writeFileSync(file, found);
}

module.exports = { bringAuthorities };
