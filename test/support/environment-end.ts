// Global tear-down: ends what the set-up and the tests started, and removes their homes.
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serverConfig } from '../../server/config.ts';
import { stopServer } from '../../server/embedded.ts';

export default async function tearDown(): Promise<void> {
  const home = process.env.DIVE_TEST_HOME;
  if (home === undefined || !existsSync(home)) return;
  for (const name of readdirSync(home)) {
    await stopServer({ config: { ...serverConfig(), home: join(home, name) } });
  }
  await rm(home, { recursive: true, force: true });
}
