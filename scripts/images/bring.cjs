// Makes the images that are missing, with all they need, side by side; each part is said with its time.
const { SOURCES, explain } = require('../setup/explain.cjs');
const { ARTIFACTS, artifactsFolder, bringArtifact, isThere, prepareFolder } = require('./artifacts.cjs');
const { bringImage } = require('./build.cjs');
const { BASE } = require('./catalogue.cjs');
const { runGraph } = require('./graph.cjs');
const { engineFolder, lackOfRoom } = require('./room.cjs');

const say = (line) => process.stderr.write(`      ${line}\n`);
const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/** The artifacts these images need that are not there yet. */
function missingArtifacts(images) {
  return [...new Set(images.flatMap((i) => i.files.map(([, artifact]) => artifact)))].filter((a) => !isThere(a));
}

function tasksFor(images) {
  const artifacts = missingArtifacts(images).map((name) => ({
    ...ARTIFACTS[name],
    id: `artifact ${name}`,
    needs: [],
    run: () => bringArtifact(name),
  }));
  const builds = images.map((image) => ({
    ...SOURCES.debian,
    seconds: image.seconds,
    title: image.name === BASE.name ? 'base (Debian, mmdebstrap)' : `image ${image.tag}`,
    id: image.name,
    needs: image.name === BASE.name ? [] : [BASE.name, ...image.files.map(([, artifact]) => `artifact ${artifact}`)],
    run: () => bringImage(image),
  }));
  return [...artifacts, ...builds];
}

function assertRoom(images) {
  const sum = (list) => list.reduce((total, { megabytes }) => total + megabytes, 0);
  const folder = engineFolder();
  const lacks = lackOfRoom([
    ...(folder ? [[folder, sum(images)]] : []),
    [artifactsFolder(), sum(missingArtifacts(images).map((name) => ARTIFACTS[name]))],
  ]);
  if (lacks.length > 0) throw new Error(lacks.join('\n'));
}

/** What is at work at this moment, for the line that is said every 5 s. */
const atWork = new Set();
const atWorkNow = () => [...atWork].join(', ');

/** @throws {Error} naming what could not be had, when all that can be made without it is made */
async function bringImages(images) {
  assertRoom(images);
  prepareFolder();
  const failed = await runGraph(tasksFor(images), {
    started: (task) => atWork.add(task.title),
    ended(task, ms, error) {
      atWork.delete(task.title);
      say(`${task.title}  ${error ? `failed after ${seconds(ms)}` : seconds(ms)}`);
    },
  });
  if (failed.length === 0) return;
  const told = failed.map(({ task, error }) => {
    const all = `${error.message}\n${error.said ?? ''}`.trim();
    return explain(task, all) ?? `${task.title}: ${all.split('\n').slice(-10).join('\n')}`;
  });
  throw new Error([...new Set(told)].join('\n'));
}

module.exports = { atWorkNow, bringImages, missingArtifacts, tasksFor };
