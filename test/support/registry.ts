// A real registry on loopback, which the engine trusts without TLS. What it holds is pushed by the engine itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverConfig } from '../../server/config.ts';
import { docker, runProgram, until } from './command.ts';
import { freePort } from './listening.ts';
import { HTPASSWD, dockerLogin } from './registry-login.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
import { TEST_IMAGE } from './test-image.ts';
import { TOKEN_SERVICE, startTokenService } from './token-service.ts';

/** Of an image's own layer, when it has been compressed. */
const LAYER_BYTES = 4_000_000;

export class TestRegistry implements AsyncDisposable {
  /** `127.0.0.1:PORT`, as it stands before an image's name. */
  readonly host: string;
  readonly #folder: TemporaryFolder;
  #process: ChildProcess | undefined;

  private constructor(host: string, folder: TemporaryFolder) {
    this.host = host;
    this.#folder = folder;
  }

  /**
   * `login`: it shows itself to nobody but `LOGIN`, whom it asks itself, as one's own registry does, or sends for a token,
   * as hosted ones do (that service ends with `closeListening`).
   */
  static async start(login?: 'basic' | 'token'): Promise<TestRegistry> {
    const port = await freePort();
    const folder = await temporaryFolder({ htpasswd: HTPASSWD });
    const auth =
      login === 'basic'
        ? { htpasswd: { realm: 'test', path: 'htpasswd' } }
        : login === 'token' && {
            token: {
              realm: await startTokenService(folder.path),
              service: TOKEN_SERVICE,
              issuer: TOKEN_SERVICE,
              rootcertbundle: 'token.pem',
            },
          };
    const config = {
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: 'data' } },
      http: { addr: `127.0.0.1:${port}`, secret: 'test' },
      ...(auth && { auth }),
    };
    await writeFile(join(folder.path, 'config.yml'), JSON.stringify(config));
    const registry = new TestRegistry(`127.0.0.1:${port}`, folder);
    await registry.begin();
    return registry;
  }

  /** Begins its process, again after `kill`, on the same port and with the same images. */
  async begin(): Promise<void> {
    const program = join(serverConfig().tools, 'docker-registry');
    const child = spawn(program, ['serve', 'config.yml'], { cwd: this.#folder.path, stdio: 'ignore' });
    const failed = once(child, 'error').then(([error]) => {
      throw new Error(`${program} cannot be run; bring it: node scripts/setup.cjs --tests`, { cause: error });
    });
    failed.catch(() => undefined);
    this.#process = child;
    const answers = until('the registry answers', () => fetch(`http://${this.host}/v2/`).catch(() => undefined));
    await Promise.race([answers, failed]);
  }

  /** It accepts, and says nothing, until `goOn` or `kill`. */
  hold(): void {
    this.#process?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /**
   * Pushes a new image as `repository:tag`: the test image and a layer of its own, which `/what` names. Gives its whole
   * name, with host and tag, and its digest. The engine has nothing of it afterwards but the test image's layers.
   */
  async push(
    repository: string,
    tag: string,
    what = 'it',
  ): Promise<{ readonly image: string; readonly digest: string }> {
    const image = `${this.host}/${repository}:${tag}`;
    const recipe = `FROM ${TEST_IMAGE}\nCOPY noise what /\nLABEL dive.test=registry\nCMD ["sleep","3600"]\n`;
    await using folder = await temporaryFolder({
      Dockerfile: recipe,
      what,
      noise: randomBytes(LAYER_BYTES).toString('hex'),
    });
    await using login = await dockerLogin(this.host);
    const env = { ...process.env, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: login.path };
    const built = await runProgram('docker', ['build', '-q', '-t', image, '.'], folder.path, env);
    const pushed = await runProgram('docker', ['push', image], folder.path, env);
    await docker('rmi', '-f', image);
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed.stdout)?.[1];
    if (digest === undefined) throw new Error(`not pushed: ${built.stderr}${pushed.stdout}${pushed.stderr}`);
    return { image, digest };
  }

  /** Images of this registry that the engine has, by name and tag. */
  async pulled(): Promise<string[]> {
    const names = await docker(
      'images',
      '--format',
      '{{.Repository}}:{{.Tag}}',
      '--filter',
      `reference=${this.host}/*/*`,
    );
    return names.toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    const ids = await docker('images', '-q', '--filter', `reference=${this.host}/*/*`);
    if (ids.length > 0) await docker('rmi', '-f', ...new Set(ids));
    await this.#folder[Symbol.asyncDispose]();
  }
}
