// An engine on another machine over ssh, reached as docker itself does it: the ssh of this machine, with the user's own
// keys, configuration and known hosts, runs `docker system dial-stdio` there, and HTTP goes through its pipes.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Semaphore } from 'async-mutex';

/** Longest that a machine may take to be connected to, seconds. */
const CONNECT_WITHIN_S = 10;
const KEPT_FREE = 8;
/** sshd turns some away when more than ten are logging in (MaxStartups). */
const LOGINS_AT_ONCE = 8;
/** A timer that nobody waits for. */
const QUIET = { ref: false };

const agents = new Map<string, Agent>();

/**
 * For requests to the engine at `url` (`ssh://user@host:port`); a connection that is done is used again. One for the
 * whole process: every operation connects anew, and what it left open would stay open.
 */
export function sshAgent(url: URL): Agent {
  const agent = agents.get(url.href) ?? new SshAgent(url);
  agents.set(url.href, agent);
  return agent;
}

class SshAgent extends Agent {
  readonly #words: readonly string[];
  readonly #logins = new Semaphore(LOGINS_AT_ONCE);

  constructor(url: URL) {
    super({ keepAlive: true, maxFreeSockets: KEPT_FREE });
    const user = url.username === '' ? [] : ['-l', decodeURIComponent(url.username)];
    const port = url.port === '' ? [] : ['-p', url.port];
    // Nobody is there to be asked for a password: without a key it fails at once, and says so.
    const options = ['-T', '-o', 'BatchMode=yes', '-o', `ConnectTimeout=${CONNECT_WITHIN_S}`];
    this.#words = [...options, ...user, ...port, '--', url.hostname, 'docker', 'system', 'dial-stdio'];
  }

  /** docker-modem writes every request out for its log, whether anybody reads it or not: with all connections, for seconds. */
  [inspect.custom](): string {
    return `ssh ${this.#words.join(' ')}`;
  }

  /** The engine's first word shows that the login is over; whatever else holds it back lets others in after a while. */
  override createConnection(_options: object, done: (error: Error | null, connection?: Duplex) => void): undefined {
    void this.#logins.runExclusive(async () => {
      let begun: ChildProcessWithoutNullStreams;
      try {
        begun = begin(this.#words);
      } catch (error) {
        return done(lost(`ssh cannot be run: ${error instanceof Error ? error.message : String(error)}`));
      }
      // What goes wrong the connection says.
      const over = [once(begun.stdout, 'data'), once(begun, 'close'), pause(1000 * CONNECT_WITHIN_S, undefined, QUIET)];
      done(null, new ChildConnection(begun));
      return Promise.race(over).catch(() => undefined);
    });
  }
}

/** @throws Error where no process can be begun: no memory, or no files left to open, with which it has no pipes */
function begin(words: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn('ssh', words, { stdio: 'pipe' });
  // Of one without pipes nobody else listens, and it still tells its error.
  const pipes: unknown = child.stdout;
  if (pipes !== undefined && pipes !== null) return child;
  child.on('error', () => undefined);
  throw new Error('too many open files');
}

/** A program's pipes as a connection. When it fails, its last words are the error. */
class ChildConnection extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    child.stdout.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) child.stdout.pause();
    });
    child.stderr.on('data', (bytes: Buffer) => (this.#said = (this.#said + bytes.toString()).slice(-2000)));
    // What breaks the pipe is told by the end of the program.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.destroy(lost(`ssh cannot be run: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) this.push(null);
      else this.destroy(lost(this.#said.trim().split('\n').at(-1) || `ssh ended with ${code}`));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, encoding, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // What HTTP asks of a socket, and pipes neither have nor need. The programs here end by themselves, whatever is open.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** With the code of a socket that lost its other end: as with any other engine, it may be asked again. */
function lost(why: string): Error {
  return Object.assign(new Error(why), { code: 'ECONNRESET' });
}
