// The images of the default hub: the official one of each, and what stands in for it where no registry answers.
const path = require('node:path');
const { ROOT } = require('../setup/machine.cjs');

const RECIPES = path.join(ROOT, 'stacks', 'images');
const HUB = path.join(ROOT, 'stacks', 'hub');
const KEYCLOAK = '26.7.3';
const OPA = '1.22.2';
const NODE = '22.23.3';
const NPM = '10.9.9';

/**
 * Our own base has a name of its own. Under `debian:bookworm-slim` it would be taken for the official image by every
 * other project on this engine, and a later pull of that one would change what ours are built from.
 */
const BASE = { name: 'base', tag: 'dive-local/base:bookworm', files: [], seconds: 24, megabytes: 500 };

/**
 * `variable` is read by stacks/hub/compose.yaml. `files`: what the build context gets beside the recipe's own folder,
 * by the name it has there and the name of the artifact that is brought on the host. `seconds` of a build on two cores,
 * `megabytes` it needs on disk meanwhile.
 * @typedef {{ name: string, tag: string, variable: string, official: string, files: [string, string][],
 *   seconds: number, megabytes: number }} HubImage
 * @type {HubImage[]}
 */
const IMAGES = [
  {
    name: 'keycloak',
    variable: 'KEYCLOAK_IMAGE',
    official: `quay.io/keycloak/keycloak:${KEYCLOAK}`,
    tag: `dive-local/keycloak:${KEYCLOAK}`,
    files: [['keycloak.zip', 'keycloak']],
    seconds: 34,
    megabytes: 1100,
  },
  {
    name: 'node',
    variable: 'NODE_IMAGE',
    official: 'node:22-bookworm-slim',
    tag: 'dive-local/node:22',
    files: [
      ['node.tgz', 'node'],
      ['npm.tgz', 'npm'],
    ],
    seconds: 16,
    megabytes: 400,
  },
  {
    name: 'postgres',
    variable: 'POSTGRES_IMAGE',
    official: 'postgres:15.20',
    tag: 'dive-local/postgres:15',
    files: [],
    seconds: 14,
    megabytes: 300,
  },
  {
    name: 'redis',
    variable: 'REDIS_IMAGE',
    official: 'redis:7.0.15',
    tag: 'dive-local/redis:7',
    files: [],
    seconds: 4,
    megabytes: 50,
  },
  {
    name: 'opa',
    variable: 'OPA_IMAGE',
    official: `openpolicyagent/opa:${OPA}-static`,
    tag: `dive-local/opa:${OPA}`,
    files: [['opa', 'opa']],
    seconds: 1,
    megabytes: 50,
  },
];

/** The variables of the hub's env file, by choice. */
function imageVariables(choice) {
  return Object.fromEntries(IMAGES.map((i) => [i.variable, choice === 'local' ? i.tag : i.official]));
}

module.exports = { BASE, HUB, IMAGES, KEYCLOAK, NODE, NPM, OPA, RECIPES, imageVariables };
