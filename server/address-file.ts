// DIVE_HOME/server.json: where the embedded server listens and which processes it is made of.
import { readFileSync } from 'node:fs';
import { homePaths, writePrivate } from './home.ts';
import { isProcess } from './processes.ts';

export type ChildName = 'postgres' | 'temporal' | 'worker';

/** starting and failed are seen by whoever waits for the start; stopped keeps the ports for the next one. */
export type ServerState = 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';

export interface ServerAddress {
  /** Version of dive that runs. */
  readonly version: string;
  /** Its build: the content of dist/.built. */
  readonly build: string;
  readonly state: ServerState;
  /** The supervisor. */
  readonly pid: number;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Absent when Temporal is not ours. */
  readonly uiAddress?: string;
  readonly databaseUrl: string;
  readonly keyFile: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly children: Readonly<Partial<Record<ChildName, number>>>;
  /** Remembered, so that addresses stay what they were. */
  readonly ports: { readonly temporal?: number; readonly ui?: number; readonly postgres?: number };
  /** Was a worker asked for? */
  readonly worker: boolean;
  /** The Docker engine the worker deploys on; absent when nobody said. */
  readonly engine?: string;
  /** Times a child was started again since `startedAt`. */
  readonly restarts: number;
  /** What is being done, while starting. */
  readonly doing?: string;
  readonly failure?: { readonly code: string; readonly what: string; readonly why: readonly string[] };
}

/** What the file says, alive or not; undefined when there is none or it cannot be read as one. */
export function readAddressFile(home: string): ServerAddress | undefined {
  try {
    const read: ServerAddress = JSON.parse(readFileSync(homePaths(home).address, 'utf8'));
    return typeof read.pid === 'number' && typeof read.state === 'string' ? read : undefined;
  } catch {
    return undefined;
  }
}

export function writeAddressFile(home: string, address: ServerAddress): void {
  writePrivate(homePaths(home).address, `${JSON.stringify(address, null, 2)}\n`);
}

/** Is the supervisor of this file alive? Its command line names the home, so a reused number is not taken for it. */
export function supervisorLives(home: string, address: ServerAddress): boolean {
  return address.pid > 0 && isProcess(address.pid, ['supervisor-main.js', home]);
}
