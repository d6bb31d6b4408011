import { readAddressFile, supervisorLives, writeAddressFile } from './address-file.ts';
import type { ServerConfig } from './config.ts';
import { serverConfig } from './config.ts';
import { endOrphans } from './orphans.ts';
import { endProcess } from './processes.ts';

// Three children, one after the other, ten seconds each at the worst.
const STOP_TIMEOUT_MS = 35_000;

/** Ends the server and all its children, also those of a supervisor that was killed. False when nothing ran. */
export async function stopServer(
  options: { config?: ServerConfig; onProgress?: (line: string) => void } = {},
): Promise<boolean> {
  const { home } = options.config ?? serverConfig();
  const address = readAddressFile(home);
  if (!address) return false;
  const lived = supervisorLives(home, address);
  if (lived) await endProcess(address.pid, ['supervisor-main.js', home], STOP_TIMEOUT_MS);
  const left = readAddressFile(home) ?? address;
  let orphans = false;
  await endOrphans(home, left, (line) => {
    orphans = true;
    options.onProgress?.(line);
  });
  if (left.state !== 'stopped' && left.state !== 'failed') {
    writeAddressFile(home, { ...left, state: 'stopped', children: {} });
  }
  return lived || orphans;
}
