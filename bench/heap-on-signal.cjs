// Loaded into the worker by the bench: on SIGHUP it collects all garbage and writes down what its heap still holds.
// SIGUSR2 would also shut it down: the Temporal SDK takes that for the end.
const fs = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

if (process.argv[1]?.endsWith('worker/main.js')) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  process.on('SIGHUP', () => {
    collect();
    collect();
    fs.writeFileSync(process.env.DIVE_BENCH_HEAP, String(process.memoryUsage().heapUsed));
  });
}
