import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');

/** What a process of its own says: jest has a module registry of another kind. */
function inNode(script: string): unknown {
  const args = ['--require', './scripts/register-swc.cjs', '-e', script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

const LOADS_SSH = "Object.keys(require.cache).some((f) => f.includes('/ssh2/'))";

test('a local engine loads nothing of ssh, and one reached by ssh still does', () => {
  const script = `
    const { modemFor } = require('./adapters/docker/modem.ts');
    const local = modemFor(false);
    const before = ${LOADS_SSH};
    const remote = modemFor(true);
    console.log(JSON.stringify([typeof local, before, typeof remote, ${LOADS_SSH}]));`;
  expect(inNode(script)).toEqual(['function', false, 'function', true]);
});
