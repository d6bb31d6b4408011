// docker-modem without what only ssh needs: it loads ssh2 and its cryptography for every engine, a good part of
// the time a command needs to start.
import Module from 'node:module';
import type Modem from 'docker-modem';

const SSH = 'docker-modem/lib/ssh';
const NAME = 'docker-modem';

/** The transport's class; `ssh` says whether the engine is reached that way. */
export function modemFor(ssh: boolean): typeof Modem {
  const file = require.resolve(SSH);
  if (ssh && require.cache[file]?.exports === withoutSsh) {
    Reflect.deleteProperty(require.cache, file);
    Reflect.deleteProperty(require.cache, require.resolve(NAME));
  }
  if (!ssh && require.cache[file] === undefined) {
    const empty = new Module(file);
    empty.exports = withoutSsh;
    empty.loaded = true;
    require.cache[file] = empty;
  }
  // A static import would load the original first.
  const loaded: typeof Modem = require(NAME);
  return loaded;
}

function withoutSsh(): never {
  throw new Error('this engine is not reached by ssh');
}
