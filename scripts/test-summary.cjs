// Prints jest's result as one line; ends with 1 when there is none, or when a test file could not even be run.
const fs = require('node:fs');

let result;
try {
  result = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
} catch {
  process.stderr.write('jest left no result\n');
  process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}
// A file that does not compile, or a global set-up that failed, has no test to count: it counts as one failure.
const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
const skipped = result.numPendingTests + result.numTodoTests;
const nothing = result.numTotalTests === 0;
process.stdout.write(
  `${result.numPassedTests} passed, ${nothing ? Math.max(failed, 1) : failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exit(result.success && !nothing ? 0 : 1);
