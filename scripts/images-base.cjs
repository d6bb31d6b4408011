// The one part of the hub's images that needs root: sudo npm run images:base. The rest, and the hub, need none.
const { aptInstall, hasApt } = require('./setup/apt.cjs');
const { which } = require('./setup/machine.cjs');
const { bringImages } = require('./images/bring.cjs');
const { missingImages } = require('./images/build.cjs');
const { BASE } = require('./images/catalogue.cjs');

async function main() {
  const missing = await missingImages([BASE]);
  if (missing.length === 0) return process.stderr.write(`${BASE.tag} is there\n`);
  if (!which('mmdebstrap')) {
    if (!hasApt()) throw new Error('this needs root and apt: sudo npm run images:base');
    await aptInstall(['mmdebstrap']);
  }
  await bringImages(missing);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 6;
});
