// What has to be made for the hub on this machine, as far as it is known yet.
const { engineAnswers, engineSocket } = require('../setup/machine.cjs');
const { isThere } = require('./artifacts.cjs');
const { missingImages } = require('./build.cjs');
const { BASE, IMAGES } = require('./catalogue.cjs');
const { choose } = require('./choose.cjs');
const { FILE, readChoice, valueOf } = require('./env-file.cjs');

/** The choice of this run, when it is not in the file yet: asked once. */
let asked;

function engineIsHere() {
  const socket = engineSocket();
  return socket === undefined || process.env.DOCKER_CONTEXT ? undefined : socket;
}

/**
 * The choice as it stands: written earlier, or as the engine answers now; undefined while no engine answers.
 * @returns {Promise<{ choice: 'official' | 'local', why: string[], written: boolean } | undefined>}
 */
async function choiceNow(file = FILE) {
  const written = readChoice(file);
  if (written) return { choice: written, why: [], written: true };
  const socket = engineIsHere();
  if (socket !== undefined && !(await engineAnswers(socket))) return undefined;
  asked ??= choose(socket);
  return { ...(await asked), written: false };
}

/**
 * The images to make; undefined while that is not known. One that the env file gives another name is somebody's own.
 * @returns {Promise<import('./catalogue.cjs').HubImage[] | undefined>}
 */
async function imagesToMake(file = FILE) {
  const now = await choiceNow(file);
  if (!now) return undefined;
  if (now.choice === 'official') return [];
  const socket = engineIsHere();
  if (socket !== undefined && !(await engineAnswers(socket))) return undefined;
  const wanted = IMAGES.filter((i) => !now.written || valueOf(i.variable, file) === i.tag);
  const missing = await missingImages([BASE, ...wanted]);
  // The base alone is of no use to anybody.
  return missing.some((i) => i !== BASE) ? missing : [];
}

/** Does an image that is to be made need this artifact, and it is not there? Undefined while that is not known. */
async function wantsArtifact(name) {
  const images = await imagesToMake();
  return images?.some((i) => i.files.some(([, artifact]) => artifact === name)) && !isThere(name);
}

module.exports = { choiceNow, imagesToMake, wantsArtifact };
