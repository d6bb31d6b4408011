// Brings up the children in order and keeps the address file true.
import type { ChildName, ServerAddress } from './address-file.ts';
import { readAddressFile, writeAddressFile } from './address-file.ts';
import type { SupervisorSettings } from './config.ts';
import { secretFile } from './home.ts';
import { lastLines, logFile, writeLog } from './log-file.ts';
import { ownBuild } from './package-root.ts';
import { LOOPBACK, choosePort } from './ports.ts';
import { databaseAnswers, databaseUrl, postgresChild, preparePostgres } from './postgres-server.ts';
import { ServerFailure } from './server-failure.ts';
import type { ChildSpec, SupervisedChild } from './supervised-child.ts';
import { superviseChild } from './supervised-child.ts';
import { findTemporalCli, temporalAnswers, temporalChild } from './temporal-server.ts';
import { workerChild } from './worker-process.ts';

// Preferred, so that the addresses in documentation and bookmarks hold on most machines; not by a passing server, which
// would take them from the one that stays.
const PREFERRED = { temporal: 7233, ui: 8233, postgres: 54320 };
const ANSWER_TIMEOUT_MS = 30_000;

export interface Supervisor {
  readonly start: () => Promise<void>;
  readonly stop: (failure?: ServerFailure) => Promise<void>;
}

/** One supervisor for one home. `start` rejects with a ServerFailure when a child does not answer in time. */
export function createSupervisor({ config, worker, engine }: SupervisorSettings): Supervisor {
  const { home } = config;
  const before = readAddressFile(home);
  const preferred: Partial<typeof PREFERRED> = config.whileAlive === undefined ? PREFERRED : {};
  const children: Partial<Record<ChildName, SupervisedChild>> = {};
  let stopping = false;
  let address: ServerAddress = {
    ...ownBuild(),
    state: 'starting',
    pid: process.pid,
    temporalAddress: config.temporalAddress ?? '',
    temporalNamespace: config.temporalAddress === undefined ? 'default' : config.temporalNamespace,
    databaseUrl: config.databaseUrl ?? '',
    keyFile: config.keyFile,
    startedAt: new Date().toISOString(),
    children: {},
    ports: before?.ports ?? {},
    worker,
    ...(engine === undefined ? {} : { engine }),
    restarts: 0,
  };

  function update(change: Partial<ServerAddress>): void {
    address = { ...address, ...change };
    writeAddressFile(home, address);
  }

  function supervise(name: ChildName, spec: ChildSpec, ready: () => void): void {
    const log = (line: string): void => writeLog(logFile(home, 'supervisor'), `${name}: ${line}`);
    const started = (pid: number, times: number): void => {
      log(`started, process ${pid}`);
      update({
        children: { ...address.children, [name]: pid },
        restarts: address.restarts + (times > 1 ? 1 : 0),
      });
    };
    if (stopping) throw new ServerFailure('DIVE-1503', 'it was asked to stop while it started');
    children[name] = superviseChild(spec, { log, started, ready });
  }

  function silent(name: ChildName, code: 'DIVE-1602' | 'DIVE-1603' | 'DIVE-1604', what: string): ServerFailure {
    return new ServerFailure(code, what, lastLines(logFile(home, name), 8));
  }

  async function startPostgres(): Promise<void> {
    if (config.databaseUrl !== undefined) return;
    const prepared = await preparePostgres(home);
    const port = await choosePort(address.ports.postgres, preferred.postgres);
    const url = databaseUrl(home, port);
    update({ ports: { ...address.ports, postgres: port }, databaseUrl: url });
    supervise('postgres', postgresChild(home, port, prepared), () => {});
    if (!(await databaseAnswers(url, ANSWER_TIMEOUT_MS))) {
      throw silent('postgres', 'DIVE-1602', 'the embedded PostgreSQL does not answer');
    }
  }

  async function startTemporal(): Promise<void> {
    if (config.temporalAddress !== undefined) return;
    const cli = findTemporalCli(config);
    if (cli === undefined) throw new ServerFailure('DIVE-1605', 'there is no Temporal CLI');
    const port = await choosePort(address.ports.temporal, preferred.temporal);
    const ui = await choosePort(address.ports.ui, preferred.ui);
    update({
      ports: { ...address.ports, temporal: port, ui },
      temporalAddress: `${LOOPBACK}:${port}`,
      uiAddress: `http://${LOOPBACK}:${ui}`,
    });
    supervise('temporal', temporalChild(home, cli, { temporal: port, ui }), () => {});
    if (!(await temporalAnswers(cli, port, ANSWER_TIMEOUT_MS))) {
      throw silent('temporal', 'DIVE-1603', 'the embedded Temporal server does not answer');
    }
  }

  async function startWorker(): Promise<void> {
    if (!worker) return;
    const ready = new Promise<true>((resolve) => {
      supervise('worker', workerChild(config, address), () => resolve(true));
    });
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), ANSWER_TIMEOUT_MS).unref());
    if (!(await Promise.race([ready, late]))) {
      throw silent('worker', 'DIVE-1604', 'the worker does not say that it is ready');
    }
  }

  async function start(): Promise<void> {
    update({ doing: 'PostgreSQL and Temporal' });
    secretFile(config.keyFile);
    await Promise.all([startPostgres(), startTemporal()]);
    update({ doing: 'the worker' });
    await startWorker();
    const { doing: _, ...rest } = address;
    address = rest;
    update({ state: 'ready' });
  }

  /** Ends all children; with a failure the file keeps it for whoever waits for the start. */
  async function stop(failure?: ServerFailure): Promise<void> {
    stopping = true;
    update({ state: 'stopping' });
    // A worker without its server only complains.
    await children.worker?.stop();
    await Promise.all(Object.values(children).map((child) => child.stop()));
    const end = failure && { code: failure.code, what: failure.message, why: failure.why };
    update({ state: end ? 'failed' : 'stopped', children: {}, ...(end ? { failure: end } : {}) });
  }

  return { start, stop };
}
