// What verbs need of the outside: opened late, closed once. Heavy modules are loaded only by the verb that uses them.
import type { Engine } from '../adapters/docker/connect.ts';
import type { Store } from '../adapters/store/connect.ts';
import type { DiveConnection } from '../client/connect.ts';
import type { ServerAddress } from '../server/address-file.ts';
import { isFailureCode } from '../domain/failures.ts';
import type { CommandConfig } from './config.ts';
import { CommandFailure } from './exit.ts';
import type { Output } from './output/output.ts';

export class Session {
  readonly config: CommandConfig;
  readonly output: Output;
  #server: Promise<ServerAddress> | undefined;
  #store: Promise<Store> | undefined;
  #temporal: Promise<DiveConnection> | undefined;
  #engine: Promise<Engine> | undefined;

  /** Verbs that raise something bring what they need; those that only look do not. */
  readonly #mayBring: boolean;

  constructor(config: CommandConfig, output: Output, mayBring: boolean) {
    this.#mayBring = mayBring;
    this.config = config;
    this.output = output;
  }

  /** The server, started in the background when none runs; says so once. */
  server(): Promise<ServerAddress> {
    return (this.#server ??= this.#openServer());
  }

  /** Only a server that runs already; undefined otherwise. */
  async runningServer(): Promise<ServerAddress | undefined> {
    const { readServerAddress } = await import('../server/embedded.ts');
    return readServerAddress();
  }

  async composeCommand(): Promise<readonly string[]> {
    const { composeCommand } = await import('../server/worker-process.ts');
    const { serverConfig } = await import('../server/config.ts');
    return composeCommand(serverConfig());
  }

  store(): Promise<Store> {
    return (this.#store ??= this.#openStore());
  }

  async temporal(): Promise<DiveConnection['client']> {
    this.#temporal ??= this.#openTemporal();
    return (await this.#temporal).client;
  }

  engine(): Promise<Engine> {
    return (this.#engine ??= this.#openEngine());
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#store?.then((s) => s.close()), this.#temporal?.then((t) => t.close())]);
  }

  async #openServer(): Promise<ServerAddress> {
    const { ensureServer } = await import('../server/embedded.ts');
    try {
      return await ensureServer({ onProgress: (line) => this.output.note(line), isIdle: () => this.#idle() });
    } catch (error) {
      throw outsideFailure(error, 'DIVE-1603');
    }
  }

  /** No operation is open in the store of the running server. */
  async #idle(): Promise<boolean> {
    const running = await this.runningServer();
    if (!running) return true;
    const { openStore, query } = await import('../adapters/store/connect.ts');
    const store = await openStore({ databaseUrl: running.databaseUrl, keyFile: running.keyFile, max: 1 });
    try {
      const open = await query(store, 'SELECT 1 FROM operations WHERE ended_at IS NULL LIMIT 1');
      return open.length === 0;
    } catch {
      return false;
    } finally {
      await store.close();
    }
  }

  async #openStore(): Promise<Store> {
    const [{ openStore }, server] = await Promise.all([import('../adapters/store/connect.ts'), this.server()]);
    return openStore({ databaseUrl: server.databaseUrl, keyFile: server.keyFile, max: 4 });
  }

  async #openTemporal(): Promise<DiveConnection> {
    const [{ connect }, server] = await Promise.all([import('../client/connect.ts'), this.server()]);
    try {
      return await connect({ address: server.temporalAddress, namespace: server.temporalNamespace });
    } catch (error) {
      throw outsideFailure(error, 'DIVE-1603', `Temporal does not answer at ${server.temporalAddress}`);
    }
  }

  async #openEngine(): Promise<Engine> {
    const { connectEngine } = await import('../adapters/docker/connect.ts');
    const host = this.config.dockerHost;
    if (host !== undefined) return connectEngine({ host });
    try {
      return await connectEngine();
    } catch (error) {
      const silent = error instanceof Error && 'code' in error && error.code === 'DIVE-1601';
      if (!silent || !this.#mayBring) throw error;
      // Brings Docker where there is root and Debian's packages, else says exactly what is missing.
      const { bringTools } = await import('../server/embedded.ts');
      await bringTools('all', (line) => this.output.note(line));
      return connectEngine();
    }
  }
}

/** A failure of ours keeps its code; anything else gets `code`. */
export function outsideFailure(
  error: unknown,
  code: 'DIVE-1601' | 'DIVE-1602' | 'DIVE-1603',
  what?: string,
): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const said = error instanceof Error && 'code' in error ? error.code : undefined;
  const own = isFailureCode(said) ? said : code;
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailure(
    { code: own, what: what ?? message, ...(what === undefined ? {} : { why: [message] }) },
    { cause: error },
  );
}
