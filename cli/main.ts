#!/usr/bin/env node
// Starts the command: from the one file that the build made of it, else from its modules.
import { loadBundle } from './bundle.ts';

const bundle = loadBundle(__dirname);
if (bundle) bundle.command.main();
else void import('./command.ts').then((command) => command.main());
