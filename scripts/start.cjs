// `npm start`: from a fresh clone to the default hub, up and proven. Asks nothing; may be interrupted and run again.
//   npm start                             the images where they come from so far; asked once, kept in stacks/hub/hub.env
//   npm start -- --images official|local  from now on the official images, or those built here
const { spawn } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { HUB } = require('./images/catalogue.cjs');
const { readChoice, valueOf, writeChoice } = require('./images/env-file.cjs');
const { bringAuthorities } = require('./images/official.cjs');
const { imageSteps } = require('./images/steps.cjs');
const { build, packages } = require('./setup/build.cjs');
const { compose } = require('./setup/compose.cjs');
const { docker } = require('./setup/docker.cjs');
const { ROOT } = require('./setup/machine.cjs');
const { bringAll } = require('./setup/steps.cjs');
const { temporal } = require('./setup/temporal.cjs');

const say = (line) => process.stdout.write(`${line}\n`);

/** @returns {{ images?: string } | undefined} undefined when the command line makes no sense; it was said then */
function readArguments() {
  try {
    const { values } = parseArgs({ options: { images: { type: 'string' } } });
    if (values.images === undefined || values.images === 'official' || values.images === 'local') return values;
    process.stderr.write(`npm start: --images takes official or local, not ${values.images}\n`);
  } catch (error) {
    process.stderr.write(`npm start: ${error.message}\n`);
  }
  return undefined;
}

function nodeIsNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/**
 * Raises the hub with the command itself; gives its exit code. Ctrl-C is the command's: it detaches and says so. The
 * operation of an earlier start that was interrupted goes on by itself: it is looked on at, and then there is nothing
 * left to do.
 */
function raise() {
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(ROOT, 'dive'), ['up', '--move', '--wait'], { cwd: HUB, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function sayWhatNext() {
  const backend = `http://127.0.0.1:${valueOf('BACKEND_PORT') ?? 21400}`;
  const keycloak = `http://127.0.0.1:${valueOf('KEYCLOAK_PORT') ?? 21080}`;
  say('');
  say(`back end   ${backend}`);
  say(`Keycloak   ${keycloak}   user admin, password: KEYCLOAK_ADMIN_PASSWORD in stacks/hub/hub.env`);
  say('');
  say('Try it as bruno, who is cleared for SECRET (alice for more; claire, david and erik for less):');
  say('  token=$(npm run -s hub:token bruno)');
  say(`  curl -H "Authorization: Bearer $token" ${backend}/documents`);
  say(`  curl -H "Authorization: Bearer $token" ${backend}/documents/DOC-011   denied, with the policy's reason`);
  say('Look at it and take it down, in stacks/hub:');
  say('  ../../dive status   ../../dive history   ../../dive down');
}

async function main() {
  if (!nodeIsNewEnough()) {
    process.stderr.write(`dive needs Node.js 20.19 or newer; this is ${process.version}\n`);
    return 6;
  }
  const given = readArguments();
  if (!given) return 7;
  if (given.images) {
    writeChoice(given.images);
    say(`images: ${given.images} from now on, kept in stacks/hub/hub.env`);
  }
  const code = await bringAll([packages, build, temporal, docker, compose, ...imageSteps]);
  if (code !== 0) return code;
  if (readChoice() === 'official') bringAuthorities();
  const raised = await raise();
  if (raised === 0) sayWhatNext();
  return raised;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`npm start: ${error.message}\n`);
    process.exit(6);
  },
);
