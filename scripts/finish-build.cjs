// What tsc leaves undone: SQL files, files of vanished sources, the workflow bundle, the stamp.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { bundleCommand } = require('./bundle-command.cjs');

const ROOT = path.resolve(__dirname, '..');
const DIST = path.join(ROOT, 'dist');
const BUNDLE = path.join(DIST, 'workflow-bundle.js');
const BUILT = path.join(DIST, '.built');

function files(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

function copyMigrations() {
  const from = path.join(ROOT, 'adapters', 'store', 'migrations');
  const into = path.join(DIST, 'adapters', 'store', 'migrations');
  fs.rmSync(into, { recursive: true, force: true });
  for (const name of files(from).filter((f) => f.endsWith('.sql'))) {
    fs.mkdirSync(path.dirname(path.join(into, name)), { recursive: true });
    fs.copyFileSync(path.join(from, name), path.join(into, name));
  }
}

function removeOrphans() {
  for (const name of files(DIST)) {
    const source = name.match(/^(.+\/.+)\.js(\.map)?$/);
    if (source && !fs.existsSync(path.join(ROOT, `${source[1]}.ts`))) fs.rmSync(path.join(DIST, name));
  }
}

function digest(names) {
  const hash = createHash('sha256');
  for (const name of names.toSorted()) hash.update(name).update(fs.readFileSync(path.join(DIST, name)));
  return hash.digest('hex');
}

/** Bundles the workflows unless nothing that goes into the bundle changed: it takes seconds, a build otherwise one. */
async function bundleWorkflows() {
  const entry = path.join(DIST, 'workflows', 'index.js');
  if (!fs.existsSync(entry)) {
    process.stderr.write('build: dist/workflows/index.js is not there; no workflow bundle\n');
    fs.rmSync(BUNDLE, { force: true });
    return;
  }
  const inputs = files(DIST).filter((f) => /^(workflows|domain)\/.*\.js$/.test(f));
  const versions = fs.readFileSync(require.resolve('@temporalio/worker/package.json', { paths: [ROOT] }));
  const wanted = digest(inputs) + createHash('sha256').update(versions).digest('hex');
  const stamp = `${BUNDLE}.inputs`;
  if (fs.existsSync(BUNDLE) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger: new DefaultLogger('WARN') });
  fs.writeFileSync(`${BUNDLE}.new`, code);
  fs.renameSync(`${BUNDLE}.new`, BUNDLE);
  fs.writeFileSync(stamp, wanted);
}

async function main() {
  copyMigrations();
  removeOrphans();
  await bundleWorkflows();
  await bundleCommand(DIST);
  const command = path.join(DIST, 'cli', 'main.js');
  if (fs.existsSync(command)) fs.chmodSync(command, 0o755);
  // Its content tells a running server whether it is of this build; its date tells the launcher whether to build.
  fs.writeFileSync(BUILT, digest(files(DIST).filter((f) => /\.(js|sql)$/.test(f))));
}

main().catch((error) => {
  process.stderr.write(`build: ${error.stack}\n`);
  process.exit(1);
});
