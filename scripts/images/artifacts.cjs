// What the images need from package registries, brought on the host and kept: an image's build finds it by its name.
const fs = require('node:fs');
const path = require('node:path');
const { SOURCES, npmLimits, patience } = require('../setup/explain.cjs');
const { goProgram } = require('../setup/go.cjs');
const { toolsFolder } = require('../setup/machine.cjs');
const { KEYCLOAK, NODE, NPM, OPA } = require('./catalogue.cjs');
const { runWatched } = require('./watched.cjs');

/** Where artifacts and the caches of a fetch that was interrupted lie. */
function artifactsFolder() {
  return path.join(toolsFolder(), 'images');
}

/** A module cache is written without the right to write; without the flag it could not be removed again. */
const GO_FLAGS = '-mod=mod -modcacherw';

async function fetchKeycloak(into) {
  const cache = path.join(artifactsFolder(), 'maven-cache');
  await runWatched('mvn', [
    '-q',
    '-B',
    '-C',
    `-Dmaven.repo.local=${cache}`,
    `-Dmaven.wagon.rto=${patience() * 1000}`,
    '-Dmaven.wagon.http.retryHandler.count=1',
    'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
    `-Dartifact=org.keycloak:keycloak-quarkus-dist:${KEYCLOAK}:zip`,
    `-DoutputDirectory=${into}`,
  ]);
  fs.rmSync(cache, { recursive: true, force: true });
}

async function compileOpa(into) {
  const cache = path.join(artifactsFolder(), 'go-cache');
  const version = 'github.com/open-policy-agent/opa/v1/version';
  await runWatched(
    goProgram(),
    ['install', '-trimpath', '-ldflags', `-s -w -X ${version}.Vcs=v${OPA}`, `github.com/open-policy-agent/opa@v${OPA}`],
    {
      nice: true,
      cwd: into,
      env: {
        ...process.env,
        GOFLAGS: GO_FLAGS,
        GOTOOLCHAIN: 'local',
        CGO_ENABLED: '0',
        GOBIN: into,
        GOMODCACHE: path.join(cache, 'modules'),
        GOCACHE: path.join(cache, 'build'),
      },
      // A single large package takes its compiler minutes on a busy machine, but never without processor time.
      idleMs: patience() * 2_000,
    },
  );
  // 1 GB, of no use once the program is there.
  fs.rmSync(cache, { recursive: true, force: true });
}

/** Takes a package of the npm registry as it is, without installing it. */
function npmPack(name) {
  return (into) =>
    runWatched(
      'npm',
      ['pack', '--loglevel=error', '--ignore-scripts', ...npmLimits(), '--pack-destination', into, name],
      {
        cwd: into,
      },
    );
}

/**
 * `file` changes with the version, so an artifact that is there is the right one; `made`: what `bring` leaves in its
 * folder.
 * @typedef {{ title: string, file: string, made: RegExp, source: string, hint: string, seconds: number,
 *   megabytes: number, bring: (into: string) => Promise<unknown> }} Artifact
 * @type {Record<string, Artifact>}
 */
const ARTIFACTS = {
  opa: {
    title: `OPA ${OPA} (Go compiles it, some minutes)`,
    file: `opa-${OPA}`,
    made: /^opa$/,
    ...SOURCES.go,
    seconds: 240,
    megabytes: 1100,
    bring: compileOpa,
  },
  keycloak: {
    title: `Keycloak ${KEYCLOAK} (Maven)`,
    file: `keycloak-${KEYCLOAK}.zip`,
    made: /\.zip$/,
    ...SOURCES.maven,
    seconds: 13,
    megabytes: 400,
    bring: fetchKeycloak,
  },
  node: {
    title: `Node.js ${NODE} (npm)`,
    file: `node-${NODE}-${process.arch}.tgz`,
    made: /\.tgz$/,
    ...SOURCES.npm,
    seconds: 9,
    megabytes: 60,
    bring: npmPack(`node-linux-${process.arch}@${NODE}`),
  },
  npm: {
    title: `npm ${NPM} (npm)`,
    file: `npm-${NPM}.tgz`,
    made: /\.tgz$/,
    ...SOURCES.npm,
    seconds: 2,
    megabytes: 5,
    bring: npmPack(`npm@${NPM}`),
  },
};

function artifactFile(name) {
  return path.join(artifactsFolder(), ARTIFACTS[name].file);
}

function isThere(name) {
  return fs.existsSync(artifactFile(name));
}

/** Brings it under a name of its own first: what carries the final name is whole. */
async function bringArtifact(name) {
  const scratch = fs.mkdtempSync(path.join(artifactsFolder(), '.part-'));
  try {
    await ARTIFACTS[name].bring(scratch);
    const made = fs.readdirSync(scratch).find((f) => ARTIFACTS[name].made.test(f));
    if (!made) throw new Error(`nothing came of ${ARTIFACTS[name].title}`);
    fs.renameSync(path.join(scratch, made), artifactFile(name));
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes the folder, and removes what an interrupted run left in it. Only while no other one is at work. */
function prepareFolder() {
  const folder = artifactsFolder();
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(folder))
    if (name.startsWith('.part-')) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
}

module.exports = { ARTIFACTS, artifactFile, artifactsFolder, bringArtifact, isThere, prepareFolder };
