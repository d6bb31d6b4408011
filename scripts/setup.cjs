// The one set-up: `./dive`, `npm test` and `npm start` call it. May be run at any time, again, and after an interruption.
//   node scripts/setup.cjs            all that dive needs
//   node scripts/setup.cjs --build    node_modules and dist only
//   node scripts/setup.cjs --tools    Temporal CLI, Compose plugin, Docker engine only
//   node scripts/setup.cjs --temporal Temporal CLI only
//   node scripts/setup.cjs --hub      all, and the images of the default hub
//   node scripts/setup.cjs --tests    all, and what the tests need
const { imageSteps } = require('./images/steps.cjs');
const { build, packages, testPackages } = require('./setup/build.cjs');
const { busybox } = require('./setup/busybox.cjs');
const { compose } = require('./setup/compose.cjs');
const { docker } = require('./setup/docker.cjs');
const { registry } = require('./setup/registry.cjs');
const { bringAll } = require('./setup/steps.cjs');
const { temporal } = require('./setup/temporal.cjs');

const made = [packages, build];
// The engine's packages bring the docker command, which the plugin's link needs.
const tools = [temporal, docker, compose];
const SETS = {
  '': [...made, ...tools],
  '--build': made,
  '--tools': tools,
  '--temporal': [temporal],
  '--hub': [...made, ...tools, ...imageSteps],
  '--tests': [testPackages, build, ...tools, busybox, registry, ...imageSteps],
};

const steps = SETS[process.argv[2] ?? ''];
if (!steps) {
  process.stderr.write(
    `set-up: unknown option ${process.argv[2]}; there are ${Object.keys(SETS).slice(1).join(' ')}\n`,
  );
  process.exit(7);
}
bringAll(steps).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exit(6);
  },
);
