// What verbs need of the outside: opened late, closed once. Heavy modules are loaded only by the verb that uses them.
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../adapters/docker/connect.ts';
import { isNamed } from '../adapters/docker/engine-choice.ts';
import type { Store } from '../adapters/store/connect.ts';
import type { DiveConnection } from '../client/connect.ts';
import type { ServerAddress } from '../server/address-file.ts';
import { FAILURES, isFailureCode } from '../domain/failures.ts';
import type { CommandConfig } from './config.ts';
import type { ComposeTool } from './resolve.ts';
import { CommandFailure } from './exit.ts';
import type { Output } from './output/output.ts';

const CLOSE_WITHIN_MS = 500;
/** A part of the server that died is started again within this time, unless it has died again and again. */
const RESTART_WITHIN_MS = 10_000;
const AGAIN_MS = 200;

/** Verbs that raise something bring what they need; those that only look do not. */
const BRINGS: ReadonlySet<string> = new Set(['up']);
/** What these change the worker changes: it must work for the engine that the command means. */
const CHANGES: ReadonlySet<string> = new Set(['up', 'down', 'server', 'doctor']);

/** What to type when an engine that the environment names does not answer. */
const NEXT = {
  temporal: ['correct TEMPORAL_ADDRESS, or unset it: the embedded server needs none'],
  database: ['correct DIVE_DATABASE_URL, or unset it: the embedded server brings its own'],
};

/** What became of the server whose operation is followed. */
export type Revival = 'is there' | 'is back' | 'was stopped' | 'has another address now';

export class Session {
  readonly config: CommandConfig;
  readonly output: Output;
  #server: Promise<ServerAddress> | undefined;
  #store: Promise<Store> | undefined;
  #temporal: Promise<DiveConnection> | undefined;
  #engine: Promise<Engine> | undefined;
  #siteEngine: Promise<Engine> | undefined;

  readonly #verb: string;

  constructor(config: CommandConfig, output: Output, verb: string) {
    this.#verb = verb;
    this.config = config;
    this.output = output;
  }

  /** The server, started in the background when none runs; says so once. */
  server(): Promise<ServerAddress> {
    return (this.#server ??= this.#openServer((line) => this.output.note(line)));
  }

  /**
   * Looks after the server that this command uses: one that was killed is started again, and `say` told.
   * @throws CommandFailure DIVE-1602, 1603, 1604 when it does not come up
   */
  async reviveServer(say: (line: string) => void): Promise<Revival> {
    const { serverStatus } = await import('../server/status.ts');
    const { state } = serverStatus();
    if (state === 'stopping' || state === 'stopped' || state === 'none') return 'was stopped';
    if (state !== 'gone' && state !== 'failed') return 'is there';
    const before = await this.server();
    say(`the server ${state === 'gone' ? 'was killed' : 'did not come up'}: starting it again`);
    this.#server = this.#openServer(say);
    const now = await this.server();
    return now.temporalAddress === before.temporalAddress ? 'is back' : 'has another address now';
  }

  /** Only a server that runs already; undefined otherwise. */
  async runningServer(): Promise<ServerAddress | undefined> {
    const { readServerAddress } = await import('../server/embedded.ts');
    return readServerAddress();
  }

  async compose(): Promise<ComposeTool> {
    const [{ composeCommand }, { serverConfig }, { keepComposeVersion, knownComposeVersion }] = await Promise.all([
      import('../server/worker-process.ts'),
      import('../server/config.ts'),
      import('../server/compose-version.ts'),
    ]);
    const config = serverConfig();
    const command = composeCommand(config);
    return {
      command,
      version: knownComposeVersion(config, command),
      learnt: (version) => keepComposeVersion(config, command, version),
    };
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

  /** The engine that the server's worker deploys on: where the instances of site `local` are, whatever DOCKER_HOST says. */
  siteEngine(): Promise<Engine> {
    return (this.#siteEngine ??= this.#openSiteEngine());
  }

  async close(): Promise<void> {
    const closing = Promise.allSettled([this.#store?.then((s) => s.close()), this.#temporal?.then((t) => t.close())]);
    // What still opens belongs to a failure that has been said; nobody waits for it.
    await Promise.race([closing, pause(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  async #openServer(onProgress: (line: string) => void): Promise<ServerAddress> {
    const [{ ensureServer }, { engineName }] = await Promise.all([
      import('../server/embedded.ts'),
      import('../adapters/docker/engine-host.ts'),
    ]);
    try {
      return await ensureServer({
        engine: {
          name: await engineName(this.config.engine),
          needed: CHANGES.has(this.#verb),
          answers: () => this.engine(),
        },
        onProgress,
        isIdle: () => this.#idle(),
        checkNamed: () => this.#checkNamed(),
      });
    } catch (error) {
      throw outsideFailure(error, 'DIVE-1603');
    }
  }

  /** A Temporal or a database that is not ours: a wrong address is said before a server is started with it. */
  async #checkNamed(): Promise<void> {
    const [{ serverConfig }, { assertDatabase }] = await Promise.all([
      import('../server/config.ts'),
      import('../adapters/store/connect.ts'),
    ]);
    const { temporalAddress: address, temporalNamespace: namespace, databaseUrl } = serverConfig();
    const [temporal, database] = await Promise.allSettled([
      address === undefined ? undefined : connectTemporal({ address, namespace }).then((c) => c.close()),
      databaseUrl === undefined ? undefined : assertDatabase(databaseUrl),
    ]);
    if (temporal.status === 'rejected') throw outsideFailure(temporal.reason, 'DIVE-1603', undefined, NEXT.temporal);
    if (database.status === 'rejected') throw outsideFailure(database.reason, 'DIVE-1602', undefined, NEXT.database);
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
    const store = await openStore({ databaseUrl: server.databaseUrl, keyFile: server.keyFile, max: 4 });
    // One that is ours and has died is on its way back.
    if (server.ports.postgres !== undefined) await this.#untilAnswers(store);
    return store;
  }

  /** @throws StoreFailure DIVE-1602 when it does not within ten seconds, or was stopped */
  async #untilAnswers(store: Store): Promise<void> {
    const { query } = await import('../adapters/store/connect.ts');
    const deadlineMs = Date.now() + RESTART_WITHIN_MS;
    for (let isFirst = true; ; isFirst = false) {
      try {
        await query(store, 'SELECT 1');
        return;
      } catch (error) {
        if (!isAway(error)) throw error;
        const server = await this.reviveServer((line) => this.output.note(line));
        if (server === 'was stopped' || Date.now() > deadlineMs) throw error;
        if (isFirst && server === 'is there') this.output.note('PostgreSQL does not answer: it is being started again');
        await pause(AGAIN_MS);
      }
    }
  }

  async #openTemporal(): Promise<DiveConnection> {
    const server = await this.server();
    return connectTemporal({ address: server.temporalAddress, namespace: server.temporalNamespace });
  }

  async #openSiteEngine(): Promise<Engine> {
    const [server, { engineName }] = await Promise.all([this.server(), import('../adapters/docker/engine-host.ts')]);
    const mine = await engineName(this.config.engine);
    if (server.engine === undefined || server.engine === mine) return this.engine();
    this.output.note(`asks the engine ${server.engine}, on which the running server deploys, not ${mine}`);
    const { connectEngine } = await import('../adapters/docker/connect.ts');
    return connectEngine({ ...this.config.engine, host: server.engine });
  }

  async #openEngine(): Promise<Engine> {
    const { connectEngine } = await import('../adapters/docker/connect.ts');
    const choice = this.config.engine;
    if (isNamed(choice)) return connectEngine(choice);
    try {
      return await connectEngine(choice);
    } catch (error) {
      const silent = error instanceof Error && 'code' in error && error.code === 'DIVE-1601';
      if (!silent || !BRINGS.has(this.#verb)) throw error;
      // Brings Docker where there is root and Debian's packages, else says exactly what is missing.
      const { bringTools } = await import('../server/embedded.ts');
      await bringTools('all', (line) => this.output.note(line));
      return connectEngine(choice);
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'DIVE-1602';
}

/** @throws CommandFailure DIVE-1603 naming the address, within 4 s */
async function connectTemporal(where: { address: string; namespace: string }): Promise<DiveConnection> {
  await import('./lean-protobuf.ts');
  const { connect } = await import('../client/connect.ts');
  try {
    return await connect(where);
  } catch (error) {
    throw outsideFailure(error, 'DIVE-1603', `Temporal at ${where.address} does not answer`);
  }
}

/** A failure of ours keeps its code, its evidence and its advice; anything else gets `code`. Nothing was touched yet. */
export function outsideFailure(
  error: unknown,
  code: 'DIVE-1601' | 'DIVE-1602' | 'DIVE-1603',
  what?: string,
  next: readonly string[] = [],
): CommandFailure {
  if (error instanceof CommandFailure && next.length === 0) return error;
  const said = error instanceof Error && 'code' in error ? error.code : undefined;
  const own = isFailureCode(said) ? said : code;
  const message = error instanceof Error ? error.message : String(error);
  const details = error instanceof CommandFailure ? error.details : undefined;
  const why = details?.why ?? (what === undefined ? linesOf(error, 'why') : [message]);
  const advice = next.length > 0 ? next : linesOf(error, 'next');
  return new CommandFailure(
    { code: details?.code ?? own, what: what ?? message, ...(why.length === 0 ? {} : { why }) },
    { now: ['nothing was touched'], next: advice.length > 0 ? advice : [FAILURES[own].remedy], cause: error },
  );
}

function linesOf(error: unknown, field: 'why' | 'next'): readonly string[] {
  const lines: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return Array.isArray(lines) ? lines.map(String) : [];
}
