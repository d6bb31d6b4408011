#!/usr/bin/env node
// The `dive` command: composition root. Verbs are loaded when they are called, so that --help is quick.
import { run } from './run.ts';

run(process.argv).then(
  (code) => {
    process.exitCode = code;
    // Nothing of ours is left to do; a connection that closes slowly must not keep the person waiting.
    process.stdout.write('', () => process.exit(code));
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(3);
  },
);
