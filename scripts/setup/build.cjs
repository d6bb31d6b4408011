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

/** npm keeps a list of what it put into node_modules: does it hold every version the lock file names? */
function installedMatchesLock() {
  if (!fs.existsSync(INSTALLED)) return false;
  const has = JSON.parse(fs.readFileSync(INSTALLED, 'utf8')).packages;
  return Object.entries(JSON.parse(fs.readFileSync(LOCK_FILE, 'utf8')).packages).every(
    ([name, entry]) => name === '' || entry.optional || has[name]?.version === entry.version,
  );
}

function packagesAreThere() {
  try {
    if (fs.readFileSync(STAMP, 'utf8') === lockDigest()) return true;
  } catch {
    // never stamped
  }
  if (!installedMatchesLock()) return false;
  fs.writeFileSync(STAMP, lockDigest());
  return true;
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

/** @type {import('./steps.cjs').Step} */
const packages = {
  title: 'npm packages',
  async check() {
    return packagesAreThere()
      ? { state: 'there' }
      : { state: 'wanted', what: 'npm packages of package-lock.json into node_modules' };
  },
  async bring() {
    const limits = npmLimits();
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...limits], { asked: REGISTRIES.npm });
    fs.writeFileSync(STAMP, lockDigest());
  },
};

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

module.exports = { packages, build, SOURCES };
