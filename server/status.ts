import { readAddressFile, supervisorLives } from './address-file.ts';
import type { ChildName, ServerAddress, ServerState } from './address-file.ts';
import type { ServerConfig } from './config.ts';
import { serverConfig } from './config.ts';
import { homePaths } from './home.ts';
import { ownBuild } from './package-root.ts';
import { postgresWords } from './postgres-server.ts';
import { isProcess } from './processes.ts';
import { temporalWords } from './temporal-server.ts';
import { workerWords } from './worker-process.ts';

export interface ChildStatus {
  readonly name: ChildName;
  /** ours: started and supervised here; other: an address the user names. */
  readonly kind: 'ours' | 'other';
  readonly running: boolean;
  readonly pid?: number;
}

export interface ServerStatus {
  /** `gone`: its supervisor was killed; children may be left, the next start ends them. */
  readonly state: ServerState | 'none' | 'gone';
  readonly home: string;
  readonly logs: string;
  readonly address?: ServerAddress;
  readonly children: readonly ChildStatus[];
  /** Does it run another build than this command? */
  readonly otherBuild: boolean;
}

function childrenOf(home: string, address: ServerAddress): ChildStatus[] {
  const words = { postgres: postgresWords(home), temporal: temporalWords(home), worker: workerWords(home) };
  const names: ChildName[] = ['postgres', 'temporal', 'worker'];
  return names
    .filter((name) => name !== 'worker' || address.worker)
    .map((name) => {
      const pid = address.children[name];
      const other =
        name === 'postgres' ? address.ports.postgres === undefined : name === 'temporal' && !address.uiAddress;
      if (pid === undefined) return { name, kind: other ? 'other' : 'ours', running: false };
      return { name, kind: 'ours', running: isProcess(pid, words[name]), pid };
    });
}

/** What runs, as the processes themselves say; asks no network. */
export function serverStatus(config: ServerConfig = serverConfig()): ServerStatus {
  const { home } = config;
  const { logs } = homePaths(home);
  const address = readAddressFile(home);
  if (!address) return { state: 'none', home, logs, children: [], otherBuild: false };
  const quiet = address.state === 'stopped' || address.state === 'failed';
  const lives = supervisorLives(home, address);
  const own = ownBuild();
  return {
    state: lives || quiet ? address.state : 'gone',
    home,
    logs,
    address,
    children: childrenOf(home, address),
    otherBuild: lives && (address.version !== own.version || address.build !== own.build),
  };
}
