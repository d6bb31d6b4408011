// In a process of its own: what `spawn` takes is the environment of the process itself.
import path from 'node:path';
import { runProgram } from '../support/command.ts';

const ROOT = path.resolve(__dirname, '..', '..');

/** What each of `times` requests says, one after another, after `change` was made to the environment. */
async function answers(change: string, times: number): Promise<string[]> {
  const script = `
    const { request } = require('node:http');
    const { sshAgent } = require('./adapters/docker/dial-ssh.ts');
    const agent = sshAgent(new URL('ssh://somebody@nowhere.test'));
    ${change};
    const ask = () => new Promise((resolve) => {
      const told = (said) => resolve(console.log(said));
      request({ agent, path: '/version', host: 'localhost' }, (answer) => told(answer.statusCode))
        .once('error', (error) => told(error.code + ' ' + error.message)).end();
    });
    (async () => { for (let n = 0; n < ${times}; n += 1) await ask(); })();`;
  const args = ['--require', './scripts/register-swc.cjs', '-e', script];
  // Some systems let a process open a million files: this one may open few, so that it comes to the end of them.
  const limited = ['-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath, ...args];
  const ran = await runProgram('/bin/sh', limited, ROOT);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return ran.stdout.trim().split('\n');
}

test('where there is no ssh, the request says so', async () => {
  expect(await answers("process.env.PATH = '/nowhere'", 1)).toEqual([
    expect.stringMatching(/^ECONNRESET ssh cannot be run: .*ENOENT/),
  ]);
});

test('where no process can be begun, each request says so: none is kept waiting for its turn', async () => {
  // Longer than the kernel lets any variable be.
  const said = await answers("process.env.TOO_LONG = 'x'.repeat(256 * 1024)", 10);
  expect(said).toEqual(
    Array.from({ length: 10 }, () => expect.stringMatching(/^ECONNRESET ssh cannot be run: .*E2BIG/)),
  );
});

test('where no more files can be opened, the request says so', async () => {
  const change = "for (;;) try { require('node:fs').openSync('/dev/null') } catch { break }";
  expect(await answers(change, 2)).toEqual(
    Array.from({ length: 2 }, () => expect.stringMatching(/^ECONNRESET ssh cannot be run: /)),
  );
});
