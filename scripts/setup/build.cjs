// node_modules and dist.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { SOURCES: REGISTRIES, npmLimits } = require('./explain.cjs');
const { ROOT, run } = require('./machine.cjs');

const LOCK_FILE = path.join(ROOT, 'package-lock.json');
const INSTALLED = path.join(ROOT, 'node_modules', '.package-lock.json');
const STAMP = path.join(ROOT, 'node_modules', '.dive-installed');
const BUILT = path.join(ROOT, 'dist', '.built');
// Everything `npm run build` reads; the launcher asks the same of the same names.
const SOURCES = [
  'domain',
  'schema',
  'workflows',
  'activities',
  'adapters',
  'server',
  'worker',
  'client',
  'cli',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
];

function lockDigest() {
  return createHash('sha256').update(fs.readFileSync(LOCK_FILE)).digest('hex');
}

/**
 * npm keeps a list of what it put into node_modules: does it hold every version the lock file names? What is for tests
 * and checks only counts `withTests`.
 */
function installedMatchesLock(withTests) {
  if (!fs.existsSync(INSTALLED)) return false;
  const has = JSON.parse(fs.readFileSync(INSTALLED, 'utf8')).packages;
  return Object.entries(JSON.parse(fs.readFileSync(LOCK_FILE, 'utf8')).packages).every(
    ([name, entry]) =>
      name === '' || entry.optional || (entry.dev && !withTests) || has[name]?.version === entry.version,
  );
}

/** What the stamp says when all packages of this lock file are there. */
function stampOf(withTests) {
  return `${lockDigest()} ${withTests ? 'all' : 'to run'}`;
}

function packagesAreThere(withTests) {
  try {
    const stamp = fs.readFileSync(STAMP, 'utf8');
    if (stamp === stampOf(true) || stamp === stampOf(withTests)) return true;
  } catch {
    // never stamped
  }
  if (!installedMatchesLock(withTests)) return false;
  fs.writeFileSync(STAMP, stampOf(withTests));
  return true;
}

/** Who has them works on dive itself, and wants to keep them when the lock file changes. */
function hasTestPackages() {
  return fs.existsSync(path.join(ROOT, 'node_modules', 'jest'));
}

function newest(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...fs.readdirSync(file).map((name) => newest(path.join(file, name))));
}

/** Is dist younger than all it was made from? */
function distIsFresh() {
  const built = fs.statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built > 0 && SOURCES.every((name) => newest(path.join(ROOT, name)) <= built);
}

/** @returns {import('./steps.cjs').Step} what a clone needs to build itself and to run, or all */
function packagesStep(forTests) {
  return {
    title: 'npm packages',
    async check() {
      return packagesAreThere(forTests)
        ? { state: 'there' }
        : { state: 'wanted', what: 'npm packages of package-lock.json into node_modules' };
    },
    async bring() {
      const all = forTests || hasTestPackages();
      const args = ['ci', ...(all ? [] : ['--omit=dev']), '--no-audit', '--no-fund', '--loglevel=error'];
      await run('npm', [...args, ...npmLimits()], { asked: REGISTRIES.npm });
      fs.writeFileSync(STAMP, stampOf(all));
    },
  };
}

const packages = packagesStep(false);
const testPackages = packagesStep(true);

/** @type {import('./steps.cjs').Step} */
const build = {
  title: 'build',
  async check() {
    return distIsFresh() ? { state: 'there' } : { state: 'wanted', what: 'the build into dist' };
  },
  async bring() {
    const startedAt = new Date();
    await run('npm', ['run', '--silent', 'build']);
    // Dated to its start: a file saved while it ran is not in it.
    fs.utimesSync(BUILT, startedAt, startedAt);
  },
};

module.exports = { packages, testPackages, build, SOURCES };
