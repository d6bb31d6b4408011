// `dive server purge`: lists, asks whom it can ask, and never removes what nobody agreed to.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Ran, runProgram } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DIVE = path.resolve(__dirname, '..', '..', 'dist', 'cli', 'main.js');

async function withHome(test: (home: string, env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  const home = path.join(folder.path, 'home');
  mkdirSync(path.join(home, 'logs'), { recursive: true });
  writeFileSync(path.join(home, 'logs', 'worker.log'), 'x'.repeat(2000));
  writeFileSync(path.join(home, 'mine.txt'), 'not made by dive');
  // Tools and the link to the plugin are those of this home, too: the machine's own are not for tests.
  const own = { DIVE_HOME: home, DIVE_TOOLS: path.join(home, 'tools'), DOCKER_CONFIG: path.join(home, 'docker') };
  await test(home, { ...process.env, ...own, CI: '' });
}

/** On a terminal, answering `answer`. */
function onTerminal(env: NodeJS.ProcessEnv, answer: string): Promise<Ran> {
  const child = spawn('script', ['-qec', `${process.execPath} ${DIVE} server purge`, '/dev/null'], {
    env: { ...env, TERM: 'xterm' },
    timeout: 20_000,
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!stdout.includes('[y/N]') && (stdout + text).includes('[y/N]')) child.stdin.write(`${answer}\n`);
    stdout += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr: '' }));
  });
}

test('in a pipe it lists and removes nothing without --yes, and only what is its own with it', () =>
  withHome(async (home, env) => {
    const listed = await runProgram(process.execPath, [DIVE, 'server', 'purge'], home, env);
    expect(listed.code).toBe(7);
    expect(listed.stderr).toMatch(/logs +logs, 2 KB/);
    expect(listed.stderr).toContain('nothing was removed');
    expect(listed.stderr).toMatch(/Kept: .*volumes/);
    expect(existsSync(path.join(home, 'logs'))).toBe(true);
    expect((await runProgram(process.execPath, [DIVE, 'server', 'purge', '--yes'], home, env)).code).toBe(0);
    expect([existsSync(path.join(home, 'logs')), existsSync(path.join(home, 'mine.txt'))]).toEqual([false, true]);
  }));

test('on a terminal it asks; only yes removes', () =>
  withHome(async (home, env) => {
    const no = await onTerminal(env, '');
    expect(no).toMatchObject({ code: 5, stdout: expect.stringContaining('nothing was removed') });
    expect(existsSync(path.join(home, 'logs'))).toBe(true);
    const yes = await onTerminal(env, 'y');
    expect(yes.code).toBe(0);
    expect(existsSync(path.join(home, 'logs'))).toBe(false);
  }));
