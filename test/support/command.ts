// The `dive` command as a person runs it: in a folder with a Compose file, on the engines of the test run.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { readAddressFile, type ServerAddress } from '../../server/address-file.ts';
import { composeCommand } from './compose-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const DIVE = path.resolve(__dirname, '..', '..', 'dist', 'cli', 'main.js');
/** No command of these tests needs longer; the default hub with its Keycloak is the longest. */
const LONGEST_MS = 180_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly state: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** What it has printed so far. */
  output(): string;
}

/** Runs a program to its end, whatever its exit code. */
export function runProgram(command: string, args: readonly string[], cwd?: string, env = process.env): Promise<Ran> {
  return beginProgram(command, args, cwd, env).ended;
}

/** Begins a program; one that takes longer than any of these tests needs is ended. */
export function beginProgram(command: string, args: readonly string[], cwd?: string, env = process.env): Running {
  const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended, output: () => stdout + stderr };
}

/** Asks again until there is an answer; fails after `withinMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(50);
  }
}

/** The last `{"type":"result"}` line of `--json`. */
export function resultOf(ran: Ran): Record<string, unknown> {
  const lines = ran.stdout.split('\n').flatMap((line) => (line === '' ? [] : [asRecord(line)]));
  const found = lines.findLast((line) => line['type'] === 'result');
  if (!found) throw new Error(`no result in: ${ran.stdout}\n${ran.stderr}`);
  return found;
}

export function asRecord(json: string): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(json));
}

/** Where the test run's own server listens. Throws when no command has started it yet. */
export function testServer(): ServerAddress {
  const address = readAddressFile(process.env.DIVE_HOME ?? '');
  if (!address) throw new Error('no server of this test run has been started');
  return address;
}

export async function temporal(...args: string[]): Promise<Ran> {
  const { temporalAddress, temporalNamespace } = testServer();
  const where = ['--address', temporalAddress, '--namespace', temporalNamespace];
  return runProgram(process.env.TEMPORAL_CLI ?? 'temporal', [...args, ...where]);
}

/** A Compose project in a folder of its own; disposing ends its operation and removes all that it made. */
export class TestProject implements AsyncDisposable {
  readonly name: string;
  readonly instance: string;
  readonly path: string;
  readonly #end: () => PromiseLike<void>;

  private constructor(name: string, folder: { path: string } & AsyncDisposable, under: string) {
    this.name = name;
    this.instance = name.toUpperCase();
    this.path = path.join(folder.path, under);
    this.#end = () => folder[Symbol.asyncDispose]();
  }

  /**
   * `services` is the body under `services:`, indented by two; `rest` is what follows. The name gets a random end: runs
   * at the same time on one engine do not meet. `under` is the path of the project in the folder that is made for it.
   */
  static async make(name: string, services: string, rest = '', under = '.'): Promise<TestProject> {
    const project = new TestProject(`t-${name}-${randomBytes(3).toString('hex')}`, await temporaryFolder(), under);
    await mkdir(project.path, { recursive: true });
    await project.write(services, rest);
    return project;
  }

  write(services: string, rest = ''): Promise<void> {
    return this.file('compose.yaml', `name: ${this.name}\nservices:\n${services}\n${rest}\n`);
  }

  /** Writes any file of the folder, whole. */
  file(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.path, name), text);
  }

  /** Name of the first container of a service. */
  container(service: string): string {
    return `${this.name}-${service}-1`;
  }

  remove(name: string): Promise<void> {
    return rm(path.join(this.path, name));
  }

  dive(...args: string[]): Promise<Ran> {
    return this.begin(...args).ended;
  }

  begin(...args: string[]): Running {
    return this.beginWith({}, ...args);
  }

  /** With more variables in its environment. */
  beginWith(variables: Readonly<Record<string, string>>, ...args: string[]): Running {
    return beginProgram(process.execPath, [DIVE, ...args], this.path, { ...process.env, ...variables });
  }

  /** In a terminal of its own, which goes away with the process that is given back. */
  beginInTerminal(...args: string[]): ChildProcess {
    const command = [process.execPath, DIVE, ...args].join(' ');
    const options = { cwd: this.path, env: process.env, stdio: 'ignore' as const, timeout: LONGEST_MS };
    return spawn('script', ['-qfc', command, '/dev/null'], options);
  }

  /** Processes that work in its folder. */
  processes(): string[] {
    return readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === this.path;
      } catch {
        return false;
      }
    });
  }

  compose(...args: string[]): Promise<Ran> {
    const [command = 'docker', ...before] = composeCommand();
    return runProgram(command, [...before, ...args], this.path);
  }

  /** All of the project, stopped ones too, by name. */
  async containers(): Promise<Container[]> {
    const format = '{{.ID}} {{.Names}} {{.Label "com.docker.compose.service"}} {{.State}}';
    const lines = await this.#list(['ps', '-a', '--no-trunc', '--format', format]);
    return lines
      .map((line) => {
        const [id = '', name = '', service = '', state = ''] = line.split(' ');
        return { id, name, service, state };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The running container of a service, once there is one. */
  running(service: string): Promise<string> {
    return until(`${service} runs`, async () => {
      return (await this.containers()).find((c) => c.service === service && c.state === 'running')?.id;
    });
  }

  /** Names of all containers that were created for the project since then, as often as they were. */
  async created(sinceMs: number): Promise<string[]> {
    const between = ['--since', String(sinceMs / 1000), '--until', String(Date.now() / 1000)];
    const which = ['--filter', 'event=create', '--filter', 'type=container', '--format', '{{.Actor.Attributes.name}}'];
    return (await this.#list(['events', ...between, ...which])).toSorted();
  }

  async ids(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.containers()).map((c) => [c.name, c.id]));
  }

  networks(): Promise<string[]> {
    return this.#list(['network', 'ls', '--format', '{{.Name}}']);
  }

  volumes(): Promise<string[]> {
    return this.#list(['volume', 'ls', '--format', '{{.Name}}']);
  }

  async #list(args: string[]): Promise<string[]> {
    return docker(...args, '--filter', `label=com.docker.compose.project=${this.name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await temporal('workflow', 'terminate', '--workflow-id', `instance/${this.instance}`).catch(() => undefined);
    const ids = (await this.containers()).map((c) => c.id);
    if (ids.length > 0) await docker('rm', '-f', '-v', ...ids);
    const networks = await this.networks();
    if (networks.length > 0) await docker('network', 'rm', ...networks);
    const volumes = await this.volumes();
    if (volumes.length > 0) await docker('volume', 'rm', ...volumes);
    await this.#end();
  }
}

/** Lines of a docker command's output. Throws with what it said when it fails. */
export function docker(...args: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    execFile('docker', args, (error, stdout) =>
      error === null ? resolve(stdout.split('\n').filter((l) => l !== '')) : reject(error),
    );
  });
}
