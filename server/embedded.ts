// The embedded default: one server for one user, in the background, started by whoever needs it first.
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerAddress } from './address-file.ts';
import { readAddressFile, supervisorLives } from './address-file.ts';
import type { ServerConfig, SupervisorSettings } from './config.ts';
import { serverConfig, supervisorEnvironment } from './config.ts';
import { isFailureCode } from '../domain/failures.ts';
import { homePaths, makeHome } from './home.ts';
import { lastLines, logFile, openLog } from './log-file.ts';
import { isNewer, ownBuild, packageRoot } from './package-root.ts';
import { poll } from './processes.ts';
import { ServerFailure } from './server-failure.ts';
import { tryLock } from './start-lock.ts';
import { stopServer } from './stop.ts';
import { findTemporalCli } from './temporal-server.ts';
import { bringTools } from './tools.ts';

export interface EnsureOptions {
  /** Default: from the environment. */
  readonly config?: ServerConfig;
  /** Start a worker for site `local` too. Default true. */
  readonly worker?: boolean;
  /** Lines for a person: what is brought, started, waited for. */
  readonly onProgress?: (line: string) => void;
  /** May a server of another build be restarted now? Asked only then; default no. */
  readonly isIdle?: () => Promise<boolean>;
  /** Do the engines that the environment names answer? Asked before anything is started or refused for their sake. */
  readonly checkNamed?: () => Promise<void>;
  readonly engine?: EngineWish;
}

/** The Docker engine that the command means. */
export interface EngineWish {
  readonly name: string;
  /** The worker is going to change something there: one that works for another engine will not do. */
  readonly needed: boolean;
  /** Rejects when it does not answer: no server is ended for such a one. */
  readonly answers: () => Promise<unknown>;
}

// Two children that answer within 30 s each, after an initdb on a slow disk.
const START_TIMEOUT_MS = 120_000;

/** The server that runs and is ready; undefined otherwise. One file read and one look at /proc, no network. */
export function readServerAddress(home: string = serverConfig().home): ServerAddress | undefined {
  const address = readAddressFile(home);
  return address?.state === 'ready' && supervisorLives(home, address) ? address : undefined;
}

/** Gives a function that tells whether the supervisor is still there. */
function startSupervisor(settings: SupervisorSettings): () => boolean {
  const { home } = settings.config;
  const log = openLog(logFile(home, 'supervisor'));
  try {
    const file = join(packageRoot(), 'dist', 'server', 'supervisor-main.js');
    const env = supervisorEnvironment(settings);
    const child = spawn(process.execPath, [file, home], {
      detached: true,
      cwd: home,
      env,
      stdio: ['ignore', log, log],
    });
    let there = true;
    const gone = (): void => void (there = false);
    child.once('exit', gone);
    child.once('error', gone);
    child.unref();
    return () => there;
  } finally {
    closeSync(log);
  }
}

function failureOf(home: string, address: ServerAddress | undefined): ServerFailure {
  const said = address?.failure?.code;
  const code = isFailureCode(said) ? said : 'DIVE-1603';
  const why = address?.failure?.why ?? lastLines(logFile(home, 'supervisor'), 8);
  return new ServerFailure(code, address?.failure?.what ?? 'the embedded server ended while it started', why);
}

/** Waits for the supervisor that started at `sinceMs` or later; tells each new thing it does. */
async function untilReady(
  home: string,
  say: (line: string) => void,
  starts: { readonly sinceMs: number; readonly there: () => boolean },
): Promise<ServerAddress> {
  let told: string | undefined;
  const address = await poll(() => {
    const now = readAddressFile(home);
    // Until its first line is written the file is that of the one before.
    const ours = now && Date.parse(now.startedAt) >= starts.sinceMs ? now : undefined;
    if (!starts.there()) return ours ?? 'gone';
    if (ours?.doing !== undefined && ours.doing !== told) say(`starting ${ours.doing}`);
    told = ours?.doing;
    return ours?.state === 'ready' || ours?.state === 'failed' ? ours : undefined;
  }, START_TIMEOUT_MS);
  if (address === 'gone') throw failureOf(home, undefined);
  if (address?.state !== 'ready') throw failureOf(home, address);
  return address;
}

async function start(settings: SupervisorSettings, say: (line: string) => void): Promise<ServerAddress> {
  const { config } = settings;
  makeHome(config.home);
  if (config.temporalAddress === undefined && findTemporalCli(config) === undefined) {
    await bringTools('temporal', say, config);
  }
  const sinceMs = Date.now();
  say('starting the server in the background; it outlives this command: dive server status');
  const there = startSupervisor(settings);
  const address = await untilReady(config.home, say, { sinceMs, there });
  const ui = address.uiAddress === undefined ? '' : `; Temporal UI ${address.uiAddress}`;
  say(`the server is ready after ${((Date.now() - sinceMs) / 1000).toFixed(1)} s${ui}`);
  return address;
}

interface Mismatch {
  readonly what: string;
  /** Can it be used all the same? */
  readonly usable: boolean;
  /** A variable that may be a slip of the keyboard: the server that runs is never ended for it. */
  readonly variable?: { readonly name: string; readonly isSet: boolean };
  /** Its worker deploys on another engine than this. */
  readonly engine?: EngineWish;
}

/** Why a running server is not the one wanted; undefined when it is. */
function mismatch(running: ServerAddress, options: EnsureOptions, config: ServerConfig): Mismatch | undefined {
  const { worker = true, engine } = options;
  const own = ownBuild();
  if (isNewer(running.version, own.version)) {
    const what = `the running server is dive ${running.version}, newer than this ${own.version}`;
    throw new ServerFailure('DIVE-1605', what, ['update this dive, or end that server: dive server stop']);
  }
  if (worker && !running.worker) return { what: 'the running server has no worker', usable: false };
  const temporal = config.temporalAddress;
  if (temporal === undefined ? running.uiAddress === undefined : running.temporalAddress !== temporal) {
    const what = `the running server uses Temporal at ${running.temporalAddress}, TEMPORAL_ADDRESS is ${temporal ?? 'not set'}`;
    return { what, usable: false, variable: { name: 'TEMPORAL_ADDRESS', isSet: temporal !== undefined } };
  }
  const ours = running.ports.postgres !== undefined && running.databaseUrl.includes(`:${running.ports.postgres}/`);
  if (config.databaseUrl === undefined ? !ours : running.databaseUrl !== config.databaseUrl) {
    const what = 'the running server uses another database than DIVE_DATABASE_URL says';
    return { what, usable: false, variable: { name: 'DIVE_DATABASE_URL', isSet: config.databaseUrl !== undefined } };
  }
  if (engine?.needed && running.engine !== undefined && running.engine !== engine.name) {
    const what = `the running server deploys on the engine ${running.engine}, this command means ${engine.name}`;
    return { what, usable: false, engine };
  }
  if (running.version === own.version && running.build === own.build) return undefined;
  const what =
    running.version === own.version
      ? `the running server is another build of dive ${own.version}`
      : `the running server is an older dive (${running.version}, this is ${own.version})`;
  return { what, usable: true };
}

function otherServer(running: ServerAddress, what: string, variable: NonNullable<Mismatch['variable']>): ServerFailure {
  const stay = variable.isSet ? [`unset ${variable.name}   goes on with the server that runs`] : [];
  const next = [...stay, `dive server stop   ends it (process ${running.pid}); the next command starts the other`];
  return new ServerFailure(variable.name === 'TEMPORAL_ADDRESS' ? 'DIVE-1603' : 'DIVE-1602', what, [], { next });
}

const OTHER_HOME = 'DIVE_HOME=<another folder> dive up   a server of its own for this engine';

/** A server that lives and is not the wanted one: kept while it works, ended when it is idle. */
async function keepOrEnd(running: ServerAddress, difference: Mismatch, options: EnsureOptions): Promise<boolean> {
  if (difference.variable) throw otherServer(running, difference.what, difference.variable);
  await difference.engine?.answers();
  const idle = await (options.isIdle?.() ?? false);
  if (idle) {
    options.onProgress?.(`${difference.what}; nothing is under way: restarting it`);
    return false;
  }
  if (difference.usable) {
    options.onProgress?.(`${difference.what}; it is at work and stays for now`);
    return true;
  }
  if (difference.engine) {
    const next = ['dive status   what is under way; again when that has ended', OTHER_HOME];
    throw new ServerFailure('DIVE-1606', `${difference.what}, and it is at work`, [], { next });
  }
  throw new ServerFailure('DIVE-1603', difference.what, [`dive server stop (process ${running.pid}), then again`]);
}

/**
 * The running server, started when there is none; two callers at once start one. Resolves when PostgreSQL and Temporal
 * answer and the worker polls. A server of an older build is restarted when `isIdle` says so, else used as it is; one
 * that uses another Temporal or database than the environment names is left alone; one whose worker deploys on another
 * Docker engine is restarted when idle, else refused.
 * @throws ServerFailure DIVE-1602, 1603, 1604 when a part does not come up; DIVE-1605 when a tool cannot be brought or
 *   the running server is newer; DIVE-1606 when it is at work on another Docker engine; DIVE-1006 when the home cannot
 *   be used.
 */
export async function ensureServer(options: EnsureOptions = {}): Promise<ServerAddress> {
  const config = options.config ?? serverConfig();
  const say = options.onProgress ?? ((): void => {});
  const { worker = true, engine } = options;
  const running = readServerAddress(config.home);
  if (running && !mismatch(running, options, config)) return running;
  if (config.temporalAddress !== undefined || config.databaseUrl !== undefined) await options.checkNamed?.();
  makeHome(config.home);
  const release = await poll(() => tryLock(homePaths(config.home).lock), START_TIMEOUT_MS, 50);
  if (!release) throw new ServerFailure('DIVE-1603', 'another command has been starting the server for two minutes');
  try {
    // Whoever held the lock may have started it; one that was ended while it waited has left it starting.
    let now = readAddressFile(config.home);
    const there = (): boolean => now !== undefined && supervisorLives(config.home, now);
    if (now?.state === 'starting' && there()) now = await untilReady(config.home, say, { sinceMs: 0, there });
    if (now?.state === 'ready' && there()) {
      const difference = mismatch(now, options, config);
      if (!difference || (await keepOrEnd(now, difference, options))) return now;
    }
    if (now) await stopServer({ config, onProgress: say });
    return await start({ config, worker, ...(engine && { engine: engine.name }) }, say);
  } finally {
    release();
  }
}

export { listMade, purgeServer } from './purge.ts';
export { serverStatus } from './status.ts';
export { stopServer } from './stop.ts';
export { bringTools } from './tools.ts';
export type { ServerAddress } from './address-file.ts';
