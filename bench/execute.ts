// Runs one command to its end and says how long it took.
import { spawn } from 'node:child_process';

export interface Ran {
  readonly wallMs: number;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecuteOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds; then it is killed. */
  readonly withinMs?: number;
}

const WITHIN_MS = 300_000;

/** Resolves whatever the exit code is; rejects when the command cannot be run. */
export async function execute(argv: readonly string[], options: ExecuteOptions = {}): Promise<Ran> {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error('no command');
  const begun = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.withinMs ?? WITHIN_MS,
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.stderr += part));
  // A process that stays in the background keeps the pipes open; what counts is the command's own end.
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const wallMs = performance.now() - begun;
  await new Promise((resolve) => setImmediate(resolve));
  return { wallMs, exitCode, ...text };
}

/** The same; anything but exit 0 is an error with the command's own words. */
export async function mustExecute(argv: readonly string[], options: ExecuteOptions = {}): Promise<Ran> {
  const ran = await execute(argv, options);
  if (ran.exitCode === 0) return ran;
  const said = `${ran.stderr}\n${ran.stdout}`.trim().split('\n');
  const words = said
    .slice(-15)
    .map((line) => line.slice(0, 500))
    .join('\n');
  throw new Error(`${argv.join(' ')} ended with ${ran.exitCode}:\n${words}`);
}
