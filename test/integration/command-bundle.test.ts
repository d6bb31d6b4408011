// The built command: one file with its compiled code, else its modules.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runProgram } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = path.resolve(__dirname, '..', '..', 'dist', 'cli');
/** What runs before the one file, or before its modules. */
const STARTER = ['main.js', 'bundle.js', 'extra-certificates.js'];

/** What a Node.js process of its own prints. */
function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: CLI, encoding: 'utf8' });
}

test('it runs from one file, compiled before, and an engine on this machine needs nothing of ssh', () => {
  const script = `
    const { wasCompiled, command } = require('./bundle.js').loadBundle(process.cwd());
    command.load().then(() => {
      const read = Object.keys(require.cache).filter((file) => file.includes('node_modules'));
      console.log(JSON.stringify({ wasCompiled, read, fetch: process.moduleLoadList.some((m) => m.includes('undici')) }));
    });`;
  expect(JSON.parse(node('-e', script))).toEqual({ wasCompiled: true, read: [], fetch: false });
});

test('what a verb ran is kept compiled for the next of that verb with the same V8, and left alone by others', async () => {
  await using folder = await temporaryFolder({
    'command.bundle.cjs': '//d1gest\nexports.main = () => { process.exitCode = Number(process.argv[3] ?? 0); };',
  });
  for (const name of STARTER) copyFileSync(path.join(CLI, name), path.join(folder.path, name));
  const main = path.join(folder.path, 'main.js');
  const kept = (): string[] => readdirSync(folder.path).filter((name) => name.includes('d1gest'));
  const wasCompiled = (verb: string): string =>
    node(
      '-p',
      `require(${JSON.stringify(path.join(folder.path, 'bundle.js'))}).loadBundle(${JSON.stringify(folder.path)}, '${verb}').wasCompiled`,
    );

  node(main, 'server', '0');
  await runProgram(process.execPath, [main, 'status', '7'], folder.path, process.env);
  node(main, 'status', '0', '--help');
  expect(kept()).toEqual([]);
  node('--no-opt', main, 'status', '0');
  expect(kept()).toHaveLength(1);
  expect(wasCompiled('status')).toBe('false\n');
  node(main, 'status', '0');
  expect(kept()).toHaveLength(2);
  expect([wasCompiled('status'), wasCompiled('up')]).toEqual(['true\n', 'false\n']);
});

test('an engine that is named by ssh is asked by the ssh of the machine', async () => {
  await using folder = await temporaryFolder({
    'compose.yaml': 'services: { a: { image: a } }',
    ssh: '#!/bin/sh\necho "ssh: connect to host 127.0.0.1 port 1: Connection refused" >&2\nexit 255\n',
  });
  chmodSync(path.join(folder.path, 'ssh'), 0o755);
  const ran = await runProgram(process.execPath, [path.join(CLI, 'main.js'), 'plan'], folder.path, {
    ...process.env,
    DIVE_HOME: folder.path,
    PATH: `${folder.path}:${process.env.PATH}`,
    DOCKER_HOST: 'ssh://nobody@127.0.0.1:1',
  });
  expect(ran.code).toBe(6);
  expect(ran.stderr).toContain(
    'ssh://nobody@127.0.0.1:1 does not answer: ssh: connect to host 127.0.0.1 port 1: Connection refused',
  );
});

test('without the file it runs from its modules', async () => {
  await using folder = await temporaryFolder();
  for (const name of STARTER) copyFileSync(path.join(CLI, name), path.join(folder.path, name));
  writeFileSync(path.join(folder.path, 'command.js'), "exports.main = () => console.log('modules');");
  expect(node(path.join(folder.path, 'main.js'))).toBe('modules\n');
});
