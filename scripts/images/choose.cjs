// Official images or our own: chosen once, then kept in the hub's env file.
const { IMAGES } = require('./catalogue.cjs');
const { labelsOf } = require('./engine.cjs');
const { askRegistry } = require('./registry.cjs');

/**
 * Official when the engine has every image or can have it, else local: half of each would be a hub nobody has tried.
 * The engine is asked for all at once, so it takes 3 s at most.
 * @param {string | undefined} socketPath of a local engine; for one elsewhere the official images are taken on trust
 * @returns {Promise<{ choice: 'official' | 'local', why: string[] }>} why: one sentence for each reason against
 */
async function choose(socketPath, ask = askRegistry, present = labelsOf) {
  if (socketPath === undefined) return { choice: 'official', why: [] };
  const officials = IMAGES.map((i) => i.official);
  const has = await present(officials);
  const answers = await Promise.all(officials.filter((o) => !has.has(o)).map((o) => ask(o, socketPath)));
  const against = answers.filter((a) => a.verdict !== 'there');
  if (against.length === 0) return { choice: 'official', why: [] };
  return { choice: 'local', why: reasons(against) };
}

/** A registry that is down is one reason, however many images it has; one that answers is asked about each. */
function reasons(answers) {
  const about = (a) => (['unknown', 'refused', 'limited'].includes(a.verdict) ? `${a.image}: ${a.why}` : a.why);
  return [...new Set(answers.map(about))];
}

module.exports = { choose };
