#!/usr/bin/env node
// Starts the command: from the one file that the build made of it, else from its modules.
import { loadBundle } from './bundle.ts';
import { takeExtraCertificates, trustExtraCertificates } from './extra-certificates.ts';

const words = process.argv.slice(2);
// Its help runs nothing of a verb.
const verb = words.some((word) => /^(-h|--help)$/.test(word)) ? undefined : words.find((word) => !word.startsWith('-'));
const certificates = takeExtraCertificates(process.env);
if (certificates !== undefined && verb !== undefined) trustExtraCertificates(certificates);
const bundle = loadBundle(__dirname, verb);
if (bundle) {
  bundle.command.main();
  // One that failed has run little of what the next will run.
  process.once('exit', (code) => (code === 0 ? bundle.keepCompiled() : undefined));
} else void import('./command.ts').then((command) => command.main());
