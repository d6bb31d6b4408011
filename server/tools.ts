// Brings tools by the one set-up, which needs neither the build nor node_modules.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServerConfig } from './config.ts';
import { childEnvironment, serverConfig } from './config.ts';
import { packageRoot } from './package-root.ts';
import { ServerFailure } from './server-failure.ts';

/** all: Temporal CLI, Compose plugin, Docker engine. */
export type ToolSet = 'all' | 'temporal';

/**
 * Brings what is missing of the set; quick when nothing is. Asks nothing, changes nothing when it cannot bring all.
 * @throws ServerFailure DIVE-1605 with the set-up's own lines: what is missing and the command that brings it.
 */
export async function bringTools(
  set: ToolSet,
  onProgress: (line: string) => void = () => {},
  config: ServerConfig = serverConfig(),
): Promise<void> {
  const script = join(packageRoot(), 'scripts', 'setup.cjs');
  if (!existsSync(script)) throw new ServerFailure('DIVE-1605', `the set-up is not in this package: ${script}`);
  const env = childEnvironment(/^(DIVE_TOOLS|DIVE_HOME)$/, { DIVE_TOOLS: config.tools, DIVE_HOME: config.home });
  const child = spawn(process.execPath, [script, set === 'all' ? '--tools' : '--temporal'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    onProgress(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new ServerFailure('DIVE-1605', 'a tool is missing and could not be brought', said.slice(-12));
}
