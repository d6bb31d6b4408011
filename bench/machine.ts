// On what it was measured: a number without this says nothing.
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { findTemporalCli } from '../server/temporal-server.ts';
import { serverConfig } from '../server/config.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
}

export function machine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  };
}

/** `unknown` where one does not say. */
export function versions(compose: readonly string[]): Record<string, string> {
  const temporal = findTemporalCli(serverConfig());
  return {
    node: process.version,
    docker: answer(['docker', 'version', '--format', '{{.Server.Version}}']),
    compose: answer([...compose, 'version', '--short']),
    temporal: temporal === undefined ? 'unknown' : answer([temporal, '--version']),
  };
}

/** With `+` when the working tree differs from it. */
export function commit(): string {
  const head = answer(['git', '-C', __dirname, 'rev-parse', '--short', 'HEAD']);
  const changed = answer(['git', '-C', __dirname, 'status', '--porcelain', '--untracked-files=no']);
  return changed === '' || changed === 'unknown' ? head : `${head}+`;
}

function answer(argv: readonly string[]): string {
  const [command = '', ...args] = argv;
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
