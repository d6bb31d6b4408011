// One image out of its recipe and its artifacts.
const fs = require('node:fs');
const path = require('node:path');
const { artifactFile, artifactsFolder } = require('./artifacts.cjs');
const { bringBase } = require('./base.cjs');
const { BASE, RECIPES } = require('./catalogue.cjs');
const { AUTHORITIES, RECIPE, buildImage, labelsOf } = require('./engine.cjs');
const { authoritiesLabel, fingerprint, hasAuthorities, hostAuthorities } = require('./fingerprint.cjs');

function labelsFor(image) {
  return { [RECIPE]: fingerprint(image), ...(image.name === 'node' ? { [AUTHORITIES]: authoritiesLabel() } : {}) };
}

/** Those of the images that the engine does not have, or has from another recipe. */
async function missingImages(images, present = labelsOf) {
  const has = await present(images.map((i) => i.tag));
  return images.filter((image) => {
    const labels = has.get(image.tag);
    const isRight = labels && labels[RECIPE] === fingerprint(image);
    return !isRight || (image.name === 'node' && !hasAuthorities(labels[AUTHORITIES]));
  });
}

function place(from, to) {
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to);
  }
}

/** Builds it; everything it needs has been brought before. */
async function bringImage(image) {
  if (image.name === BASE.name) return bringBase(labelsFor(image));
  const context = fs.mkdtempSync(path.join(artifactsFolder(), '.part-'));
  try {
    fs.cpSync(path.join(RECIPES, image.name), context, { recursive: true });
    for (const [name, artifact] of image.files) place(artifactFile(artifact), path.join(context, name));
    if (image.name === 'node') fs.writeFileSync(path.join(context, 'host-authorities.pem'), hostAuthorities());
    await buildImage(image, context, labelsFor(image));
  } finally {
    fs.rmSync(context, { recursive: true, force: true });
  }
}

module.exports = { bringImage, missingImages };
