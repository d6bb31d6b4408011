// Loaded into the worker by the bench: writes down when each creation and each start was asked of the engine.
const { subscribe } = require('node:diagnostics_channel');
const fs = require('node:fs');

const file = process.env.DIVE_BENCH_REQUESTS;
if (file !== undefined && process.argv[1]?.endsWith('worker/main.js')) {
  // Sent is the moment after which the time is the engine's.
  subscribe('http.client.request.start', ({ request }) => {
    if (request.method !== 'POST' || !/\/containers\/(create\?|[^/]+\/start$)/.test(request.path)) return;
    fs.appendFileSync(file, `${JSON.stringify({ atMs: Date.now(), path: request.path })}\n`);
  });
}
