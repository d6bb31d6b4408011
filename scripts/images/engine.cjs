// What the engine holds of our images, and the two commands that make one.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { runWatched } = require('./watched.cjs');

// Not below `dive.`: those labels are read from containers, which inherit an image's labels, and mean an operation.
const RECIPE = 'dive-local.recipe';
const AUTHORITIES = 'dive-local.authorities';

/** The labels of those of `images` that the engine has, by the name asked for. */
async function labelsOf(images) {
  const format = '{{json .RepoTags}}\t{{json .Config.Labels}}';
  const asked = spawnSync('docker', ['image', 'inspect', '--format', format, ...images], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  const found = new Map();
  for (const line of (asked.stdout ?? '').split('\n')) {
    const [tags, labels] = line.split('\t');
    if (!tags || !labels) continue;
    for (const tag of JSON.parse(tags) ?? []) found.set(officialName(tag), JSON.parse(labels) ?? {});
  }
  return new Map(images.flatMap((i) => (found.has(officialName(i)) ? [[i, found.get(officialName(i))]] : [])));
}

function officialName(image) {
  return image.replace(/^docker\.io\/(library\/)?/, '');
}

/** The proxy of this shell, for a build: it uses the host's network, so a proxy on loopback works too. */
function proxyArguments(env = process.env) {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return names.filter((n) => env[n]).flatMap((n) => ['--build-arg', n]);
}

/** Builds a context. The tag is set by the engine when the build is complete, so nothing half made ever carries it. */
async function buildImage(image, context, labels) {
  const given = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  // --force-rm: a step that fails leaves its container otherwise.
  const args = ['build', '--force-rm', '--network', 'host', ...proxyArguments(), ...given, '--tag', image.tag, context];
  // Work goes on in the engine, so this process is idle meanwhile: what waits for a mirror has limits of its own there.
  await runWatched('docker', args, { idleMs: 600_000 });
}

/** Makes an image out of a tar of a file system. */
async function importImage(image, tar, labels) {
  const changes = ['CMD ["bash"]', ...Object.entries(labels).map(([key, value]) => `LABEL ${key}=${value}`)];
  await runWatched('docker', ['import', ...changes.flatMap((c) => ['--change', c]), tar, image.tag], {});
  fs.rmSync(tar, { force: true });
}

module.exports = { AUTHORITIES, RECIPE, buildImage, importImage, labelsOf, proxyArguments };
